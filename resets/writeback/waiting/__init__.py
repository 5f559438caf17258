"""Where agents wait for jobs: thousands of open requests in one process, woken by the database."""
