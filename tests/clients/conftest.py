"""The programs in `pynn` run in processes of their own; there is nothing to collect in them."""

collect_ignore_glob = ["pynn/*", "run_pynn.py"]
