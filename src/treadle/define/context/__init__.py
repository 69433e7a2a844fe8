"""The contexts that user code receives, all views on one `StepState`."""
