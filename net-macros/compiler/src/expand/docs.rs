//! The documentation of a network's struct: what it is made of as a table and as a picture, behind what the user wrote.

use std::collections::BTreeMap;

use bumpalo::Bump;
use net_drawing::{NetworkInfo, RowInfo, bytes, count_parameters, thousands};
use proc_macro2::TokenStream;

use super::Generator;
use crate::graph::Operation;
use crate::plan::{Connection, Inner, Plan, Row, Table};

/// Number of rows above which there is no picture: nobody finds their way in it, and drawing it would cost time in every
/// compilation.
const MOST_DRAWN: usize = 120;

impl Generator<'_> {
    /// The attributes that document what a network is made of.
    ///
    /// The table is there wherever the user has documented the network, so that editors show it. Without documentation of
    /// the user's, rustc's lint `missing_docs` must still find it missing: then all of it is for rustdoc alone, as the picture
    /// always is.
    pub(super) fn expand_docs(&self) -> TokenStream {
        if self.plan.table.rows.is_empty() {
            return TokenStream::new();
        }
        let memory = Bump::new();
        let (inference, training) =
            (self.plan.inference.floats_alone() * size_of::<f32>(), self.plan.training.floats * size_of::<f32>());
        let info = describe(&memory, &self.plan.table, self.all, true);
        let info = NetworkInfo { inference_bytes: inference, training_bytes: training, ..info };
        let links = Links::new(self.plan, self.all);
        let mut layers = layers(&info, &links);
        if !self.plan.table.parameters.announced.is_empty() {
            layers.push_str("What is announced with `extern` adds its own.\n");
        }
        let picture = picture(&info);
        let documented = self.plan.network.attributes.iter().any(|attribute| attribute.path().is_ident("doc"));
        let layers = if documented {
            code! { #[doc = #layers] }
        } else {
            code! { #[cfg_attr(doc, doc = #layers)] }
        };
        code! {
            #layers
            #[cfg_attr(doc, doc = #picture)]
        }
    }
}

fn layers(info: &NetworkInfo<'_>, links: &Links) -> String {
    let table = net_drawing::table(info, &|row| links.find(row));
    let parameters = count_parameters(info.parameters, info.non_trainable_parameters);
    let size = bytes(info.parameters * size_of::<f32>());
    let cost = thousands(info.multiply_adds);
    let (inference, training) = (bytes(info.inference_bytes), bytes(info.training_bytes));
    format!(
        "\n# Layers\n\n{table}\n{parameters} ({size}); for each sample {cost} multiply-adds in a forward pass, and \
         activations of {inference} in inference and {training} in training.\n"
    )
}

/// The picture as HTML among Markdown: without an empty line, and scrolled where it is too wide.
fn picture(info: &NetworkInfo<'_>) -> String {
    let content = if info.rows.len() > MOST_DRAWN {
        format!(
            "With {} layers, the network is too large for a picture here; `{}::plot(\"{}.svg\")` draws it.",
            info.rows.len(),
            info.name,
            info.name.to_lowercase()
        )
    } else {
        format!("<div style=\"overflow-x:auto\">\n{}</div>", net_drawing::draw_on_page(info))
    };
    format!("\n# Diagram\n\n{content}\n")
}

/// What the kinds of rows link to.
struct Links(BTreeMap<String, String>);

impl Links {
    fn new(plan: &Plan<'_>, all: &[Plan<'_>]) -> Self {
        let mut links = BTreeMap::new();
        for node in &plan.network.nodes {
            if links.contains_key(&node.stage.kind) {
                continue;
            }
            let target = match &node.operation {
                Operation::Layer(layer) => layer.runtime_path().to_string().replace(' ', ""),
                Operation::Network(inner) => {
                    let inner = all[inner.0].network;
                    // A link from public to private documentation is one that rustdoc warns of.
                    let public = |visibility: &syn::Visibility| matches!(visibility, syn::Visibility::Public(_));
                    // How visible an announced network is, only rustc knows.
                    if inner.announced.is_some() || public(&plan.network.visibility) && !public(&inner.visibility) {
                        continue;
                    }
                    inner.name.to_string()
                }
                Operation::OpenSteps | Operation::CloseSteps => continue,
            };
            links.insert(node.stage.kind.clone(), target);
        }
        Self(links)
    }

    fn find(&self, row: &RowInfo<'_>) -> Option<String> {
        // What is applied to each step is said in parentheses.
        let kind = row.kind.rsplit('(').next().map_or(row.kind, |kind| kind.trim_end_matches(')'));
        self.0.get(kind).cloned()
    }
}

/// A table as the runtime knows it; with what its chains and inner networks are made of, but no deeper: nothing deeper is
/// shown, and networks in networks in networks would take exponential time.
fn describe<'m>(memory: &'m Bump, table: &'m Table, all: &'m [Plan<'_>], deep: bool) -> NetworkInfo<'m> {
    let outputs = table.outputs.iter();
    let outputs = outputs.map(|(name, from)| net_drawing::OutputInfo { name, from: describe_connection(from) });
    NetworkInfo {
        name: &table.name,
        rows: memory.alloc_slice_fill_iter(table.rows.iter().map(|row| describe_row(memory, row, all, deep))),
        outputs: memory.alloc_slice_fill_iter(outputs),
        parameters: table.parameters.known,
        non_trainable_parameters: table.statistics.known,
        multiply_adds: table.multiply_adds.known,
        inference_bytes: 0,
        training_bytes: 0,
    }
}

fn describe_row<'m>(memory: &'m Bump, row: &'m Row, all: &'m [Plan<'_>], deep: bool) -> RowInfo<'m> {
    let Row { name, kind, arguments, activation, parameters, statistics, frozen, results, uses, inner } = row;
    let inner = match inner {
        Inner::Chain(table) if deep => Some(table.as_ref()),
        Inner::Network(id) if deep => Some(&all[id.0].table),
        Inner::Nothing | Inner::Chain(_) | Inner::Network(_) => None,
    };
    RowInfo {
        name,
        kind,
        arguments,
        activation,
        results,
        parameters: parameters.known,
        non_trainable_parameters: statistics.known,
        frozen: *frozen,
        uses: memory.alloc_slice_fill_iter(uses.iter().map(|one_use| net_drawing::UseInfo {
            outputs: memory.alloc_slice_fill_iter(one_use.outputs.iter().map(Vec::as_slice)),
            connected_to: memory.alloc_slice_fill_iter(one_use.connected_to.iter().map(describe_connection)),
        })),
        inner: inner.map(|table| &*memory.alloc(describe(memory, table, all, false))),
    }
}

fn describe_connection(from: &Connection) -> net_drawing::Connection {
    let Connection { row, use_index, tensor } = *from;
    net_drawing::Connection { row, use_index, tensor }
}
