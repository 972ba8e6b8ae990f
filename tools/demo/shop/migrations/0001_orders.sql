CREATE TABLE users (name TEXT PRIMARY KEY, salt BLOB NOT NULL, password_hash BLOB NOT NULL);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_name TEXT NOT NULL REFERENCES users (name), total_cents INTEGER NOT NULL);
CREATE TABLE order_lines (order_id INTEGER NOT NULL REFERENCES orders (id), product TEXT NOT NULL, count INTEGER NOT NULL);
