"""Forms: text comes in, typed requests go out; clinic wall time becomes UTC here, once."""
