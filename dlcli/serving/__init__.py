"""The HTTP server for trying a model out; TensorFlow is imported only where the artifact needs it.

One file a meaning: `model` is what is served, `signatures` what it takes and answers by name,
`rest` the requests of TensorFlow Serving, `own_inputs` what `dlcli predict` takes, `generation`
text and pictures, `batching` how requests are answered together, `page` the form, `forms` what it
shows of each kind of data, `values` numbers alone, `app` the routes, `server` the process.
"""
