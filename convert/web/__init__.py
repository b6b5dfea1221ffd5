"""The one door to the network: judged addresses, redirects, what was fetched before."""
