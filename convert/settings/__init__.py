"""What a run is asked for: options, the config file, periods, the job."""
