"""DECIDE: pure rules; standard library only; no clock, disk, network, random numbers or identifiers."""
