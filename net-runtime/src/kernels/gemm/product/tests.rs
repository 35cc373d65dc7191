//! The register tile on small integers, which every order of summation adds up to the same bits.

use super::*;
use crate::kernels::elementwise::activations::apply_part;
use crate::kernels::elementwise::quick::Quick;
use crate::kernels::gemm::pack::pack;
use crate::tensor::activation::Activation;

/// Small integers, so that every order of summation gives the same bits.
fn integers(len: usize, step: usize) -> Vec<f32> {
    (0..len).map(|i| ((i * step) % 7) as f32 - 3.0).collect()
}

/// Some sizes around those of tiles and panels on every instruction set.
fn sizes() -> impl Iterator<Item = [usize; 3]> {
    let rows = [1, 2, 5, 6, 7, 13];
    let inner = [0, 1, 2, 37];
    let columns = [1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 48, 64, 65, 100, 130];
    rows.into_iter().flat_map(move |m| inner.into_iter().flat_map(move |k| columns.into_iter().map(move |n| [m, k, n])))
}

#[test]
fn products_are_exact_on_small_integers_on_every_instruction_set() {
    for isa in Isa::available() {
        for ([m, k, n], transposed) in sizes().flat_map(|size| [(size, false), (size, size[2] <= 4)]) {
            let (a, b) = (integers(m * k, 3), integers(k * n, 5));
            let bias: Vec<f32> = (0..n).map(|j| (j % 5) as f32 - 2.0).collect();
            let product = |i: usize, j: usize| (0..k).map(|l| a[i * k + l] * b[l * n + j]).sum::<f32>();
            let mut packed = vec![f32::NAN; if transposed { k * n } else { packed_len(isa, k, n) }];
            match transposed {
                true => few_columns::transpose(&b, k, |row| row * n, 1, &mut packed),
                false => pack(isa, &b, k, n, |row| row * n, 1, &mut packed),
            }
            let (from, to) = (|i: usize| i * k, |i: usize| i * (n + 3));
            let given = Product {
                a: &a,
                segments: &[Segment::default()],
                len: k,
                step: 1,
                b: &packed,
                layout: if transposed { Layout::Columns } else { Layout::Packed },
                inner: k,
                columns: n,
                bias: Some(&bias),
                quick: Quick::Relu,
                write: Store::Set,
            };
            let mut c = vec![f32::NAN; m * (n + 3)];
            given.compute(isa, m, from, &mut c, to);
            for i in 0..m {
                for (j, value) in c[i * (n + 3)..][..n].iter().enumerate() {
                    assert_eq!(*value, (product(i, j) + bias[j]).max(0.0), "{isa:?}: {m} {k} {n}");
                }
                assert!(c[i * (n + 3) + n..][..3].iter().all(|value| value.is_nan()), "written beyond a row");
            }
            for write in [Store::Add, Store::Mask] {
                let there = |at: usize| [1.0, 0.0, f32::NAN, 1e-40, -0.0, -1.0, f32::INFINITY][at % 7];
                let mut c: Vec<f32> = (0..m * (n + 3)).map(there).collect();
                Product { write, ..given }.compute(isa, m, from, &mut c, to);
                for at in (0..c.len()).filter(|at| at % (n + 3) < n) {
                    let there = there(at);
                    let sum = product(at / (n + 3), at % (n + 3)) + bias[at % (n + 3)];
                    let masked = if there > 0.0 { sum } else { 0.0 };
                    let expected = if write == Store::Add { there + sum } else { masked };
                    let expected = if expected < 0.0 { 0.0 } else { expected };
                    assert!(c[at] == expected || expected.is_nan() && c[at].is_nan(), "{isa:?}: {m} {k} {n}");
                }
            }
            if n.is_multiple_of(isa.lanes()) {
                let unpacked = Product { b: &b, layout: Layout::Rows(n), ..given };
                let mut c = vec![f32::NAN; m * (n + 3)];
                unpacked.compute(isa, m, from, &mut c, to);
                assert!((0..m).all(|i| (0..n).all(|j| c[i * (n + 3) + j] == (product(i, j) + bias[j]).max(0.0))));
            }
        }
    }
}

/// The segments of each row, with something between them that is no number.
#[test]
fn few_columns_are_sums_over_segments_and_nothing_else() {
    for isa in Isa::available() {
        for [segments, len, n, rows] in [[1, 16, 1, 1], [3, 9, 3, 5], [2, 17, 2, 130], [5, 8, 4, 3], [2, 33, 1, 6]] {
            let (inner, gap) = (segments * len, len + 1);
            assert!(few_columns::fits(n, [segments, len]));
            let number = |at: usize| if at % gap == len { f32::NAN } else { (at * 3 % 7) as f32 - 3.0 };
            let (a, b): (Vec<f32>, _) = ((0..rows * segments * gap).map(number).collect(), integers(inner * n, 5));
            let mut transposed = vec![f32::NAN; inner * n];
            few_columns::transpose(&b, inner, |row| row * n, 1, &mut transposed);
            let table: Vec<_> = (0..segments).map(|segment| Segment { a: segment * gap, b: segment * len }).collect();
            let matrices = Product::of_matrices(&a, &transposed, [inner, n]);
            let product = Product { segments: &table, len, layout: Layout::Columns, ..matrices };
            let mut c = vec![f32::NAN; rows * n];
            product.compute(isa, rows, |row| row * segments * gap, &mut c, |row| row * n);
            for (at, value) in c.into_iter().enumerate() {
                let row = a[at / n * segments * gap..].chunks(gap).flat_map(|segment| &segment[..len]);
                let column = b.iter().skip(at % n).step_by(n);
                assert_eq!(value, row.zip(column).map(|(a, b)| a * b).sum::<f32>(), "{isa:?}: {segments} of {len}");
            }
        }
    }
}

/// A few rows go through a large right factor in pieces, more of them do not; so does what lies in rows, of one segment or of several.
#[test]
fn pieces_of_the_inner_axis_add_up_to_the_same_bits() {
    for isa in Isa::available() {
        let (most, k, n) = (50, 1100, 144 + isa.tile_columns());
        let values = |len: usize, step: usize| -> Vec<f32> {
            (0..len).map(|i| ((i * step) % 1009) as f32 / 1009.0 - 0.4).collect()
        };
        let (a, b, bias) = (values(most * k, 7919), values(k * n, 6007), values(n, 17));
        let mut packed = vec![0.0; packed_len(isa, k, n)];
        pack(isa, &b, k, n, |row| row * n, 1, &mut packed);
        for (parts, backwards) in [(1, false), (4, false), (11, false), (11, true)] {
            let of = k / parts;
            let mut segments: Vec<_> = (0..parts).map(|part| Segment { a: part * of, b: part * of }).collect();
            if backwards {
                segments.reverse();
            }
            let product =
                Product { bias: Some(&bias), quick: Quick::Relu, ..Product::of_matrices(&a, &packed, [k, n]) };
            let product = Product { segments: &segments, len: of, ..product };
            let compute = |product: Product<'_>, rows: usize| {
                let mut c = vec![f32::NAN; rows * n];
                product.compute(isa, rows, |row| row * k, &mut c, |row| row * n);
                c
            };
            let expected = compute(product, most);
            for rows in [1, 2, 6, 7, 8, 9, 13, 16, 18, 19, 25, 48] {
                assert!(compute(product, rows) == expected[..rows * n], "{isa:?}: {rows} rows, {parts} parts");
            }
            // Where the rows lie, as wide as whole panels, and wider by a vector.
            let whole = n / isa.tile_columns() * isa.tile_columns();
            for columns in [whole, whole - isa.tile_columns() + isa.lanes()] {
                let lying =
                    Product { b: &b, layout: Layout::Rows(n), columns, bias: Some(&bias[..columns]), ..product };
                for rows in [1, 6, 12, 13, 17, 50] {
                    let lying = compute(lying, rows);
                    for (row, expected) in expected.chunks_exact(n).enumerate().take(rows) {
                        let same = lying[row * n..][..columns] == expected[..columns];
                        assert!(same, "{isa:?}: row {row} of {rows}, {parts} parts, {columns} columns");
                    }
                }
                // What is there goes first or last, for any number of rows.
                let adding = |rows: usize| {
                    let mut c = values(rows * n, 31);
                    let product = Product { write: Store::Add, bias: None, quick: Quick::Linear, ..lying };
                    product.compute(isa, rows, |row| row * k, &mut c, |row| row * n);
                    c
                };
                let (there, added) = (values(most * n, 31), adding(most));
                for rows in [1, 6, 12, 13, 17] {
                    assert!(
                        adding(rows) == added[..rows * n],
                        "{isa:?}: {rows} rows, {parts} parts, {columns} columns"
                    );
                }
                for (at, added) in added.iter().enumerate() {
                    let (row, column) = (at / n, at % n);
                    let product = |inner: usize| f64::from(a[row * k + inner]) * f64::from(b[inner * n + column]);
                    let sum = if column < columns { (0..k).map(product).sum::<f64>() } else { 0.0 };
                    let expected = f64::from(there[at]) + sum;
                    assert!((f64::from(*added) - expected).abs() < 1e-3, "{isa:?}: {added} for {expected} at {at}");
                }
            }
        }
    }
}

#[test]
fn transposes_and_segments_are_read_where_they_lie() {
    for isa in Isa::available() {
        let (m, k, n) = (9, 12, 20);
        let (a, b) = (integers(m * k, 3), integers(k * n, 5));
        let mut packed = vec![0.0; packed_len(isa, k, n)];
        // Both factors are given by their transposes; the inner axis in three parts, the last one first.
        pack(isa, &b, k, n, |row| row, k, &mut packed);
        let segments = [8, 0, 4].map(|first| Segment { a: first * m, b: first });
        let mut c = vec![f32::NAN; m * n];
        let product = Product {
            a: &a,
            segments: &segments,
            len: 4,
            step: m,
            b: &packed,
            layout: Layout::Packed,
            inner: k,
            columns: n,
            bias: None,
            quick: Quick::Linear,
            write: Store::Set,
        };
        product.compute(isa, m, |i| i, &mut c, |i| i * n);
        for (index, value) in c.iter().enumerate() {
            let (i, j) = (index / n, index % n);
            assert_eq!(*value, (0..k).map(|l| a[l * m + i] * b[j * k + l]).sum::<f32>(), "{isa:?}");
        }
    }
}

/// A product puts its results through a function as a pass over them would, to the bit: a NaN and the sign of 0 too.
#[test]
fn quick_functions_are_those_of_a_pass() {
    let special = [f32::NAN, -0.0, 0.0, f32::INFINITY, f32::NEG_INFINITY, -3.0, 3.0, 6.0];
    let functions = [
        Activation::Linear,
        Activation::Relu,
        Activation::LeakyRelu { slope: 0.3 },
        Activation::RectifiedLinear { slope: 0.0, max: 6.0, threshold: 0.0 },
        Activation::Clip { low: -1.0, high: 1.5 },
    ];
    for isa in Isa::available() {
        for (rows, n) in [(1, 1), (2, 16), (3, 64), (6, 30), (7, 64), (17, 71)] {
            let a: Vec<f32> = special.into_iter().chain((0..9).map(|i| i as f32 - 4.5)).cycle().take(rows).collect();
            let b: Vec<f32> = (0..n).map(|i| [1.0, -0.4, 0.1][i % 3]).collect();
            let mut packed = vec![0.0; packed_len(isa, 1, n)];
            pack(isa, &b, 1, n, |row| row * n, 1, &mut packed);
            let computed = |quick: Quick| {
                let mut c = vec![1.0; rows * n];
                let product = Product { quick, ..Product::of_matrices(&a, &packed, [1, n]) };
                product.compute(isa, rows, |row| row, &mut c, |row| row * n);
                c
            };
            for function in functions {
                let mut expected = computed(Quick::Linear);
                isa.force(|| apply_part(function, &mut expected));
                let actual = computed(Quick::of(function).expect("a few instructions"));
                let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
                assert_eq!(bits(&actual), bits(&expected), "{isa:?}: {function:?} of {rows} x {n}");
                assert!(actual[0].is_nan(), "{isa:?}: {function:?} of a NaN");
            }
        }
    }
}

#[test]
fn several_products_are_those_that_each_is_alone() {
    // More rows than are looked up at a time; panels that are whole and that are not.
    for isa in Isa::available() {
        for (times, [m, k, n]) in [(1, [1, 16, 16]), (3, [1, 5, 70]), (5, [13, 16, 16]), (2, [BLOCK + 7, 3, 33])] {
            let of_b = packed_len(isa, k, n) + 16;
            let distances = Times { count: times, a: m * k + 3, b: of_b, c: m * n + 5 };
            let a = integers(times * distances.a, 3);
            let mut b = vec![f32::NAN; times * of_b];
            for (index, packed) in b.chunks_exact_mut(of_b).enumerate() {
                pack(isa, &integers(k * n, 5 + index), k, n, |row| row * n, 1, &mut packed[..of_b - 16]);
            }
            let mut c = vec![f32::NAN; times * distances.c];
            let product = Product::of_matrices(&a, &b, [k, n]);
            product.compute_times(isa, distances, (0..m).map(|row| (row * k, row * n)), &mut c);
            for (time, c) in c.chunks_exact(distances.c).enumerate() {
                let b = integers(k * n, 5 + time);
                let (results, beside) = c.split_at(m * n);
                for (index, result) in results.iter().enumerate() {
                    let (row, column) = (index / n, index % n);
                    let a = &a[time * distances.a + row * k..][..k];
                    let wanted: f32 = (0..k).map(|l| a[l] * b[l * n + column]).sum();
                    assert_eq!(*result, wanted, "{isa:?}: number {time} of {times} of {m} {k} {n}");
                }
                assert!(beside.iter().all(|value| value.is_nan()), "written beside a result");
            }
        }
    }
}

#[test]
fn the_last_of_several_products_has_its_place() {
    let isa = Isa::current();
    let of_b = packed_len(isa, 2, 16);
    let (a, b) = (integers(20, 3), vec![0.0; 2 * of_b]);
    let distances = Times { count: 2, a: 10, b: of_b, c: 40 };
    let fails = |a: &[f32], b: &[f32], times: Times, len: usize| {
        let compute = || {
            let product = Product::of_matrices(a, b, [2, 16]);
            product.compute_times(isa, times, [(8, 16)].into_iter(), &mut vec![0.0; len]);
        };
        std::panic::catch_unwind(compute).is_err()
    };
    assert!(!fails(&a, &b, distances, 72));
    assert!(fails(&a, &b, distances, 71), "a result reaches beyond");
    assert!(fails(&a[..19], &b, distances, 72), "a left factor reaches beyond");
    assert!(fails(&a, &b[..b.len() - 1], distances, 72), "a right factor reaches beyond");
    assert!(fails(&a, &b, Times { count: usize::MAX, ..distances }, 72), "their number wraps");
}

#[test]
#[should_panic(expected = "a row of a product reaches beyond its factor")]
fn sizes_are_checked() {
    let product = Product {
        a: &[1.0; 5],
        segments: &[Segment::default()],
        len: 3,
        step: 1,
        b: &[0.0; 64],
        layout: Layout::Packed,
        inner: 3,
        columns: 1,
        bias: None,
        quick: Quick::Linear,
        write: Store::Set,
    };
    product.compute(Isa::PORTABLE, 1, |_| 3, &mut [0.0], |_| 0);
}
