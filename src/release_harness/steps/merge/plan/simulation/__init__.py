"""The same planners on a virtual clock: worlds of changes whose true outcomes are known, and what each planner makes of them."""
