"""Every setting, once: the job they make up, layers of them, the config file, options, periods."""
