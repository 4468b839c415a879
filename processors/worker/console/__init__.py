"""The console: pages for people about orders, on the worker's port. docs/console.md."""
