//! The suite: what the product promises, on SQLite and on PostgreSQL (`YIQI_TEST_DATABASE`). One binary; by noun in `api/`, `web/`, `jobs/`, `store/`.
#![allow(missing_docs, dead_code)]

mod api;
mod backup;
mod cli;
mod demo;
mod documents;
mod doors;
mod floors;
mod http;
mod imports;
mod jobs;
mod migrations;
mod openapi;
mod proof;
mod running;
mod support;
mod texts;
mod web;
