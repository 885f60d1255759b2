"""The measurements that the README quotes: one module a medium, one `Report` for all."""
