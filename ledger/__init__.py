"""The record: decide, sign, append, project.

    command -> decide -> sign -> append -> project -> export -> verify
               domain    signing  journal   views      exporters  verification

Read this, then ledger/domain/events: the vocabulary of what can happen to an intervention.
"""
