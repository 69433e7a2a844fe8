# jobs.py

sample_job = dg.define_asset_job(
        "sample_job",
        selection=AssetSelection.groups(ASSET_GROUP_LABS)
    )

jobs = [sample_job]
