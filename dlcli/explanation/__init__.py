"""Explanation: what in an input an answer depended on, and whether the explanation can be trusted.

One file for each method: `grad_cam`, `integrated_gradients`, `attention`, `occlusion`,
`permutation`; what all must pass is `sanity`. One file for each kind of data and for each output:
see `dlcli.explanation.protocols`. Methods that need gradients import
TensorFlow when they are prepared: what a `.tflite` or `.onnx` file answers is explained without.
"""
