"""The CameraPipeline resource: spec, status, conditions, the contract between operator and pods, and the CRD made from them.

Import the module that has what is needed; this one imports nothing, so that each image loads only its part.
"""
