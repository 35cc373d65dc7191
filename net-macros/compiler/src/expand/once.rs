//! Tokens that are put in one place.

use std::cell::Cell;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// Tokens that `quote!` moves to where they are put first: a `TokenStream` it copies there, name by name.
pub(super) struct Once(Cell<TokenStream>);

impl Once {
    pub(super) fn new(tokens: TokenStream) -> Self {
        Self(Cell::new(tokens))
    }
}

impl ToTokens for Once {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let own = self.0.take();
        if tokens.is_empty() {
            *tokens = own;
        } else {
            tokens.extend([own]);
        }
    }
}
