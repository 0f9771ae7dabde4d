-- Which SQL the tables were built by. Another one means that they are all built anew.
-- grain: the warehouse
-- key: sha256
-- asset: no, a step on the way to others
-- source: the files of the models
-- partition: none
CREATE TABLE IF NOT EXISTS ops.model_version (
    sha256 VARCHAR NOT NULL
);
