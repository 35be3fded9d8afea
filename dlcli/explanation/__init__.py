"""Explanation: what in an input an answer depended on, and whether the explanation can be trusted.

One file a method: `grad_cam`, `integrated_gradients`, `attention`, `occlusion`, `permutation`; what
all must pass is `sanity`. One file a kind of data, with

- `METHODS`: method -> a function of a `Subject` that prepares it;
- `AUTOMATIC`: those that are taken without being asked for, where they are possible;
- `places`: what the values of an attribution stand for: words, steps, columns;
- `draw`: the picture.

A kind that cannot be explained has `refusal` instead. Methods that need gradients import
TensorFlow when they are prepared: what a `.tflite` or `.onnx` file answers is explained without.
"""
