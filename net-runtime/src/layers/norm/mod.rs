//! Normalising.

pub(super) mod batch_norm;
pub(super) mod group_norm;
pub(super) mod normalization;
pub(super) mod row_norm;
