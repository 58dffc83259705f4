"""Pure rules for placing visits: standard library only, `now` is always an argument."""
