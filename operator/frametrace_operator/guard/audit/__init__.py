"""The audit, without I/O: from ledgers to the frames that are to be looked for, and from their journeys to a finding.

`survey` says which frames are over, `examine` what is wrong with one, `interval` what a sample says about all, `finding` sums up.
"""
