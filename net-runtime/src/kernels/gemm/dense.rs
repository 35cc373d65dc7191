//! The products of a dense layer by its weights: x · w and dy · wᵀ.

use ndarray::{ArrayViewMut2, ShapeBuilder};

use super::dense_few;
use super::epilogue::Epilogue;
use super::few_columns;
use super::microkernel::{Layout, Product, Segment};
use super::pack::{pack_in_parts, packed_len};
use super::rows::{Rows, RowsMut};
use super::sizes::{BLOCK, FEWEST_TASKS, Sizes};
use super::transpose::transpose;
use crate::kernels::elementwise::activations::apply_part;
use crate::kernels::elementwise::arithmetic as elementwise;
use crate::kernels::elementwise::quick::Quick;
use crate::kernels::simd::{Isa, ROWS};
use crate::memory::packed::{Form, Portion};
use crate::memory::scratch::Scratch;
use crate::parallel::slots::Slots;
use crate::parallel::{self, Tiles};
use crate::tensor::param::{Store, Write};

/// Rows of x below which the weights are read where they lie: packing them takes as long as using them so seldom.
const WORTH_PACKING: usize = 512;

/// Rows of a right factor as wide as two panels up to which it is read where it lies.
const NEAR_ROWS: usize = 256;

/// An element that is transposed takes as long as so many that are copied.
const TRANSPOSED: usize = 2;

/// An inner axis from which on a small product is cut along it.
pub(crate) const LONG: usize = 4096;

/// The same for weights that are read where they lie, in rows longer than a panel's.
const LONG_STRIDED: usize = 1024;

/// Chunks that the inner axis is cut into at most, and how long each is at least.
const CHUNKS: usize = 16;
const CHUNK: usize = 512;

/// Weights that are quickly transposed by one thread, being in its cache.
const FEW_WEIGHTS: usize = 64 << 10;

/// Columns of the gradient by x that a task owns at least, if there are enough: the rows of a large one lie so far apart that what
/// is written at once should be long.
const LINE: usize = 384;

/// Rows of the gradient by x that a task owns at most; of its columns it owns a [block](Sizes::block).
const GROUP: usize = 256;

/// Whether a right factor is not packed, because it is used so `seldom`, or because it lies well.
fn is_read_where_it_lies(isa: Isa, inner: usize, columns: usize, seldom: bool) -> bool {
    columns.is_multiple_of(isa.lanes()) && (seldom || lies_well(isa, inner, columns))
}

/// Whether a right factor lies well: what is no wider than a panel is one, and the rows of what is little wider lie near to each other.
pub(super) fn lies_well(isa: Isa, inner: usize, columns: usize) -> bool {
    match columns.div_ceil(isa.tile_columns()) {
        ..=1 => true,
        2 => inner <= NEAR_ROWS,
        _ => false,
    }
}

/// `y = epilogue(x · w)`.
pub(crate) fn forward(
    sizes: Sizes,
    x: Rows<'_>,
    w: Portion<'_>,
    epilogue: Epilogue<'_>,
    y: &mut [f32],
    scratch: &mut Scratch,
) {
    let isa = Isa::current();
    let Sizes { rows, inputs, outputs } = sizes;
    if rows == 0 || outputs == 0 {
        return;
    }
    let Rows { values: x, distance } = x;
    let distance = distance.unwrap_or(inputs);
    let Scratch { work, packs, .. } = scratch;
    let in_place = is_read_where_it_lies(isa, inputs, outputs, rows < WORTH_PACKING);
    // What is cut so is read as it lies in memory, line after line; panels that are made once are, too.
    let strided = in_place && outputs > isa.tile_columns() && !packs.lasts(w);
    let long = if strided { LONG_STRIDED } else { LONG };
    let panels = outputs.div_ceil(isa.tile_columns());
    let cut_within = sizes.is_cut_within(long) && !(packs.lasts(w) && panels >= 2 * FEWEST_TASKS);
    let len = packed_len(isa, inputs, outputs);
    let make = |packed: &mut [f32]| {
        let threads = parallel::elements_pay(packed.len());
        pack_in_parts(isa, threads, w.values(), [inputs, outputs], &|row| row * outputs, 1, packed);
    };
    // The few columns of a factor are as many as one panel has at most, and lie apart in it.
    let few = few_columns::fits(outputs, [1, inputs]);
    let packed = if few {
        Some(packs.get(Form::Columns, w, inputs * outputs, |transposed| {
            few_columns::transpose(w.values(), inputs, |row| row * outputs, 1, transposed);
        }))
    } else if !in_place {
        Some(packs.get(Form::Panels, w, len, make))
    } else if !cut_within && inputs * outputs >= FEW_WEIGHTS && !lies_well(isa, inputs, outputs) {
        packs.get_lasting(Form::Panels, w, len, make)
    } else {
        None
    };
    let (b, layout) = packed.map_or((w.values(), Layout::Rows(outputs)), |packed| {
        (packed, if few { Layout::Columns } else { Layout::Packed })
    });
    let quick = epilogue.quick();
    let product = Product { layout, bias: epilogue.bias, quick, ..Product::of_matrices(x, b, [inputs, outputs]) };
    if cut_within {
        return along_the_inner_axis(sizes, (product, distance), epilogue, y, work);
    }
    if sizes.pays() && is_by_columns(isa, sizes) {
        return by_columns(sizes, (product, distance), epilogue, y, work);
    }
    // One thread reads the weights as seldom as it can.
    let threads = sizes.pays();
    let tasks = if threads { sizes.tasks(rows) } else { rows.div_ceil(BLOCK) };
    let share = |task: usize| if threads { sizes.share(rows, task) } else { rows.min(task * BLOCK) };
    parallel::for_each_part(threads, tasks, &|task| share(task) * outputs, y, (&mut [], 0), &|task, y, _| {
        let mine = share(task)..share(task + 1);
        product.compute(isa, mine.len(), |row| (mine.start + row) * distance, y, |row| row * outputs);
        apply_part(epilogue.slow(), y);
    });
}

/// Whether a product is divided by its columns, so that each weight is read by one thread. Where the weights are near, rows are better:
/// whoever has made some is likely to go on with them in the next layer.
pub(crate) fn is_by_columns(isa: Isa, Sizes { rows, inputs, outputs }: Sizes) -> bool {
    let near = inputs * outputs < FEW_WEIGHTS && rows >= FEWEST_TASKS * ROWS;
    rows <= BLOCK && outputs > isa.tile_columns() && !near
}

/// Panels of the columns of a product of few rows that a task owns.
pub(crate) fn panels_of_task(panels: usize) -> usize {
    (panels / (2 * FEWEST_TASKS)).max(1)
}

/// A product of few rows: some panels of its columns are a task, so that each weight is read by one thread.
fn by_columns(
    sizes: Sizes,
    (product, distance): (Product<'_>, usize),
    epilogue: Epilogue<'_>,
    y: &mut [f32],
    work: &mut crate::tensor::aligned::AlignedBuffer,
) {
    let isa = Isa::current();
    let Sizes { rows, inputs, outputs } = sizes;
    let panel = isa.tile_columns();
    let width = panels_of_task(outputs.div_ceil(panel)) * panel;
    let matrix = ArrayViewMut2::from_shape((rows, outputs), y).expect("y has the matrix's size");
    let tiles = Tiles { matrix, at: [0, 0], block: [rows, width] };
    let slots = Slots::new(true, tiles.count(), work, rows * width);
    tiles.for_each(true, &|[_, column], mut y| {
        let columns = y.ncols();
        let begin = if product.layout == Layout::Packed { packed_len(isa, inputs, column) } else { column };
        let bias = product.bias.map(|bias| &bias[column..column + columns]);
        let product = Product { b: &product.b[begin..], columns, bias, ..product };
        slots.with(|sums| {
            let sums = &mut sums[..rows * columns];
            product.compute(isa, rows, |row| row * distance, sums, |row| row * columns);
            apply_part(epilogue.slow(), sums);
            for (y, sums) in y.rows_mut().into_iter().zip(sums.chunks_exact(columns)) {
                y.into_slice().expect("the rows of a result are contiguous").copy_from_slice(sums);
            }
        });
    });
}

/// A small product with a long inner axis: chunks of that axis are tasks, their products are added up in order.
fn along_the_inner_axis(
    sizes: Sizes,
    (product, distance): (Product<'_>, usize),
    epilogue: Epilogue<'_>,
    y: &mut [f32],
    work: &mut crate::tensor::aligned::AlignedBuffer,
) {
    let isa = Isa::current();
    let Sizes { rows, inputs, outputs } = sizes;
    let chunk = inputs.div_ceil(CHUNKS).max(CHUNK);
    let parts = inputs.div_ceil(chunk);
    let size = rows * outputs;
    let products = work.take(parts * size);
    parallel::for_each_part(sizes.pays(), parts, &|part| part * size, products, (&mut [], 0), &|part, sums, _| {
        let first = part * chunk;
        let len = chunk.min(inputs - first);
        if product.layout == Layout::Rows(outputs) && dense_few::fits(isa, sizes) {
            let w = &product.b[first * outputs..(first + len) * outputs];
            return dense_few::products(isa, (&product.a[first..], distance), w, outputs, sums);
        }
        let segments = &[Segment { a: first, b: first }];
        let product = Product { segments, len, bias: None, quick: Quick::Linear, ..product };
        product.compute(isa, rows, |row| row * distance, sums, |row| row * outputs);
    });
    let (sum, others) = products.split_at_mut(size);
    for product in others.chunks_exact(size) {
        elementwise::put_values(Write::Add, sum, product);
    }
    epilogue.apply_rows(sum);
    y.copy_from_slice(sum);
}

/// Whether the weights are transposed for the gradient by x, instead of dy and the result.
pub(crate) fn is_by_weights(Sizes { rows, inputs, outputs }: Sizes) -> bool {
    2 * inputs.saturating_mul(outputs) <= rows.saturating_mul(inputs.saturating_add(outputs))
}

/// Columns of the gradient by x that a task owns.
fn columns_of_task(sizes: Sizes) -> usize {
    sizes.block(sizes.inputs).max(LINE.min(sizes.inputs.div_ceil(2 * FEWEST_TASKS)).next_multiple_of(ROWS))
}

/// Tasks of the gradient by x.
pub(crate) fn tasks_of_input_gradient(sizes: Sizes) -> usize {
    let Sizes { rows, inputs, .. } = sizes;
    if is_by_weights(sizes) {
        return sizes.tasks(rows);
    }
    rows.div_ceil(GROUP) * inputs.div_ceil(columns_of_task(sizes).max(1))
}

/// `dx = dy · wᵀ`. For few samples it is computed as the transpose of w · dyᵀ: of the two factors dy is then the small one, and
/// the one to be packed.
pub(crate) fn backward_input(
    sizes: Sizes,
    w: &[f32],
    dy: &[f32],
    dx: RowsMut<'_>,
    write: Store,
    scratch: &mut Scratch,
) {
    let isa = Isa::current();
    let Sizes { rows, inputs, outputs } = sizes;
    if rows == 0 || inputs == 0 {
        return;
    }
    let RowsMut { values: dx, distance } = dx;
    let distance = distance.unwrap_or(inputs);
    if dense_few::are_dots(sizes) {
        let work = scratch.work.take(rows * inputs);
        return dense_few::backward_input((isa, sizes.pays()), sizes, (w, dy), (dx, distance, write), work);
    }
    if is_by_weights(sizes) {
        let packed = scratch.packed.take(packed_len(isa, outputs, inputs));
        let threads = parallel::elements_pay(TRANSPOSED * packed.len());
        pack_in_parts(isa, threads, w, [outputs, inputs], &|row| row, outputs, packed);
        let product = Product { write, ..Product::of_matrices(dy, packed, [outputs, inputs]) };
        let boundary = |task: usize| sizes.share(rows, task) * distance;
        return parallel::for_each_part(
            sizes.pays(),
            sizes.tasks(rows),
            &boundary,
            dx,
            (&mut [], 0),
            &|task, dx, _| {
                let mine = sizes.share(rows, task)..sizes.share(rows, task + 1);
                product.compute(isa, mine.len(), |row| (mine.start + row) * outputs, dx, |row| row * distance);
            },
        );
    }
    let shape = (rows, inputs).strides((distance, 1));
    let matrix = ArrayViewMut2::from_shape(shape, dx).expect("dx has the matrix's size");
    let block = columns_of_task(sizes);
    let tiles = Tiles { matrix, at: [0, 0], block: [GROUP, block] };
    let Scratch { work, packed, .. } = scratch;
    // The rows of dy in groups as large as a tile's, each packed by itself.
    let group = packed_len(isa, outputs, GROUP);
    let packed = packed.take(rows.div_ceil(GROUP) * group);
    for (dy, packed) in dy.chunks(GROUP * outputs.max(1)).zip(packed.chunks_exact_mut(group)) {
        let threads = parallel::elements_pay(TRANSPOSED * dy.len());
        pack_in_parts(isa, threads, dy, [outputs, dy.len() / outputs.max(1)], &|row| row, outputs, packed);
    }
    let product = GROUP.min(rows) * block;
    let chunk = 2 * product;
    let slots = Slots::new(sizes.pays(), tiles.count(), work, chunk);
    let packed = &*packed;
    tiles.for_each(sizes.pays(), &|[row, column], mut dx| {
        let (count, columns) = dx.dim();
        slots.with(|scratch| {
            let (transposed, rows) = scratch.split_at_mut(product);
            let product = Product::of_matrices(w, &packed[row / GROUP * group..], [outputs, count]);
            product.compute(isa, columns, |row| (column + row) * outputs, transposed, |row| row * count);
            transpose(&transposed[..columns * count], columns, rows, columns);
            for (dx, row) in dx.rows_mut().into_iter().zip(rows.chunks_exact(columns)) {
                let dx = dx.into_slice().expect("the rows of a gradient are contiguous");
                elementwise::put_values(write, dx, row);
            }
        });
    });
}
