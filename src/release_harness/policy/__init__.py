"""The rule language, pure: what a policy says, what tier a change gets, what it must show, and why."""
