"""What differs between two trees, symbol by symbol, and what is therefore looked for in the graph."""
