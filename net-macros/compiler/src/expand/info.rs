//! The table of the layers as a constant.

use proc_macro2::TokenStream;

use super::Generator;
use super::names::{number, numbers};
use super::once::Once;
use crate::plan::{Connection, Inner, Row, Sum, Table, Use};

impl Generator<'_> {
    /// The `NetworkInfo` of a network.
    pub(super) fn expand_info(&self) -> TokenStream {
        let [inference_bytes, training_bytes] = self.bytes();
        self.expand_table(&self.plan.table, &inference_bytes, &training_bytes)
    }

    /// Bytes of activations for each sample in inference, and of activations and gradients in training.
    pub(super) fn bytes(&self) -> [Sum<usize>; 2] {
        [self.plan.inference.floats_alone(), self.plan.trained().floats].map(|floats| Sum {
            known: floats * size_of::<f32>(),
            announced: self.plan.workspaces.iter().map(|workspace| (workspace.network, workspace.times)).collect(),
            frozen: Vec::new(),
        })
    }

    fn expand_table(&self, table: &Table, inference_bytes: &Sum<usize>, training_bytes: &Sum<usize>) -> TokenStream {
        let Table { name, rows, outputs, parameters, statistics, multiply_adds } = table;
        let rows = rows.iter().map(|row| Once::new(self.expand_row(row)));
        let outputs = outputs.iter().map(|(name, connection)| {
            let from = Once::new(expand_connection(connection));
            code! { ::net_runtime::OutputInfo { name: #name, from: #from } }
        });
        let parameters = self.expand_sum(parameters, number, "parameters");
        let statistics = self.expand_sum(statistics, number, "non_trainable_parameters");
        let multiply_adds = self.expand_sum(multiply_adds, proc_macro2::Literal::u64_unsuffixed, "multiply_adds");
        let inference_bytes = self.expand_sum(inference_bytes, number, "inference_bytes");
        let training_bytes = self.expand_sum(training_bytes, number, "training_bytes");
        code! {
            ::net_runtime::NetworkInfo {
                name: #name,
                rows: &[#(#rows),*],
                outputs: &[#(#outputs),*],
                parameters: #parameters,
                non_trainable_parameters: #statistics,
                multiply_adds: #multiply_adds,
                inference_bytes: #inference_bytes,
                training_bytes: #training_bytes,
            }
        }
    }

    fn expand_row(&self, row: &Row) -> TokenStream {
        let Row { name, kind, arguments, activation, parameters, statistics, frozen, results, uses, inner } = row;
        let statistics = (*statistics != Sum::default()).then(|| {
            let statistics = self.expand_sum(statistics, number, "non_trainable_parameters");
            code! { non_trainable_parameters: #statistics, }
        });
        let parameters = self.expand_sum(parameters, number, "parameters");
        let results = (!results.is_empty()).then(|| code! { results: &[#(#results),*], });
        let frozen = frozen.then(|| code! { frozen: true, });
        let uses = uses.iter().map(|of| Once::new(expand_use(of)));
        let inner = match inner {
            Inner::Nothing => None,
            Inner::Chain(table) => {
                // Its tensors lie among those of the network around it.
                let table = Once::new(self.expand_table(table, &Sum::default(), &Sum::default()));
                Some(code! { &#table })
            }
            Inner::Network(id) => {
                let network = self.inner_type(*id);
                Some(code! { <#network as ::net_runtime::Network>::INFO })
            }
        };
        let inner = inner.map(|inner| Once::new(code! { inner: ::core::option::Option::Some(#inner), }));
        code! {
            ::net_runtime::RowInfo {
                name: #name,
                kind: #kind,
                arguments: #arguments,
                activation: #activation,
                parameters: #parameters,
                uses: &[#(#uses),*],
                #results
                #statistics
                #frozen
                #inner
                ..::net_runtime::RowInfo::EMPTY
            }
        }
    }
}

fn expand_use(of: &Use) -> TokenStream {
    let Use { outputs, connected_to } = of;
    let outputs = outputs.iter().map(|shape| {
        let axes = numbers(shape);
        code! { &[#(#axes),*] }
    });
    let connected_to = connected_to.iter().map(|connection| Once::new(expand_connection(connection)));
    code! {
        ::net_runtime::UseInfo { outputs: &[#(#outputs),*], connected_to: &[#(#connected_to),*] }
    }
}

fn expand_connection(connection: &Connection) -> TokenStream {
    let Connection { row, use_index, tensor } = *connection;
    let (row, use_index, tensor) = (number(row), number(use_index), number(tensor));
    code! { ::net_runtime::Connection { row: #row, use_index: #use_index, tensor: #tensor } }
}
