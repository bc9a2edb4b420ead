"""The APIs that programs already speak, answered on this machine."""
