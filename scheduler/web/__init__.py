"""The pages: one blueprint per noun; forms in, typed requests out."""
