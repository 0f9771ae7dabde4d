"""Says when: Dagster assets, jobs and schedules, and the command line that runs the same jobs.

No vendor knowledge and no SQL stands here.
"""
