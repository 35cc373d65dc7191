//! Every layer against naive loops in f64, every backward pass against finite differences of those loops.

mod activations;
mod attention;
mod attention_one_head;
mod columns;
mod convolution;
mod dense;
mod dropout;
mod einsum_dense;
mod embedding;
mod in_place;
mod merges;
mod moves;
mod noise;
mod norm;
mod normalization;
mod pools;
mod positions;
mod prelu;
mod products;
mod recurrent;
mod reductions;
mod reference;
mod row_norms;
mod threads;
