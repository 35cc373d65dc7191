//! Products and distances of two tensors along their axes.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::memory::Memory;
use super::{assert_close, on_every_isa, uniform};
use crate::kernels::contraction::{self, Factor, Sizes};
use crate::kernels::distance::{self, Of, Slope};
use crate::kernels::reduce::dot_products::dot_products;
use crate::tensor::aligned::AlignedBuffer;
use crate::tensor::param::Store;

/// The result, and the gradients by both factors from that by the result.
fn naive(sizes: Sizes, [first, second]: [&[f32]; 2], upstream: &[f32]) -> [Vec<f64>; 3] {
    let Sizes { products, len, factors: [rows, columns] } = sizes;
    let mut found = [upstream.len(), first.len(), second.len()].map(|len| vec![0.0; len]);
    let [result, by_first, by_second] = &mut found;
    let mut at = 0;
    for product in 0..products {
        for row in 0..rows.rows() {
            for column in 0..columns.rows() {
                for m in 0..len {
                    let place = |factor: Factor, index: usize| {
                        let (outer, inner) = (index / factor.inner, index % factor.inner);
                        ((product * factor.outer + outer) * len + m) * factor.inner + inner
                    };
                    let (a, b) = (place(rows, row), place(columns, column));
                    result[at] += f64::from(first[a]) * f64::from(second[b]);
                    by_first[a] += f64::from(upstream[at]) * f64::from(second[b]);
                    by_second[b] += f64::from(upstream[at]) * f64::from(first[a]);
                }
                at += 1;
            }
        }
    }
    found
}

#[test]
fn contractions() {
    let mut rng = ChaCha8Rng::seed_from_u64(21);
    for (products, len, first, second) in [
        (1, 1, [1, 1], [1, 1]),
        (2, 17, [3, 1], [5, 1]),
        (1, 9, [7, 1], [1, 33]),
        (3, 4, [1, 6], [5, 1]),
        (1, 16, [1, 13], [1, 64]),
        (2, 3, [2, 5], [3, 2]),
        (1, 65, [6, 2], [33, 1]),
    ] {
        let factors = [first, second].map(|[outer, inner]| Factor { outer, inner });
        let sizes = Sizes { products, len, factors };
        let [a, b] = factors.map(|factor| uniform(&mut rng, products * factor.outer * len * factor.inner));
        let upstream = uniform(&mut rng, products * factors[0].rows() * factors[1].rows());
        let [result, by_first, by_second] = naive(sizes, [&a, &b], &upstream);
        on_every_isa(|isa, at_end| {
            let what = (isa, sizes);
            let [a, b, upstream] = [&a, &b, &upstream].map(|values| Memory::new(values, at_end));
            let nothing = |len: usize| Memory::new(&vec![f32::NAN; len], at_end);
            let mut memory = AlignedBuffer::default();
            memory.take(1 << 15).fill(f32::NAN);
            let mut y = nothing(upstream.len());
            contraction::forward(sizes, [&a, &b], &mut y, &mut memory);
            assert_close(&y, &result, 1e-6, &what);
            for (index, (other, expected)) in [(&b, &by_first), (&a, &by_second)].into_iter().enumerate() {
                memory.fill(f32::NAN);
                let mut gradient = nothing(expected.len());
                contraction::backward(sizes, index, other, &upstream, &mut gradient, Store::Set, &mut memory);
                assert_close(&gradient, expected, 1e-6, &("gradient", index, what));
                contraction::backward(sizes, index, other, &upstream, &mut gradient, Store::Add, &mut memory);
                let twice: Vec<f64> = expected.iter().map(|value| 2.0 * value).collect();
                assert_close(&gradient, &twice, 1e-6, &("two gradients", index, what));
            }
        });
    }
}

#[test]
fn distances() {
    let mut rng = ChaCha8Rng::seed_from_u64(22);
    for (rows, len) in [(1, 1), (3, 7), (2, 16), (5, 33), (4, 64)] {
        let [a, b] = [(); 2].map(|()| uniform(&mut rng, rows * len));
        let of_rows = |term: &dyn Fn(f64, f64) -> f64| -> Vec<f64> {
            let sum = |(a, b): (&[f32], &[f32])| a.iter().zip(b).map(|(a, b)| term((*a).into(), (*b).into())).sum();
            a.chunks(len).zip(b.chunks(len)).map(sum).collect()
        };
        on_every_isa(|isa, at_end| {
            let what = (isa, rows, len);
            let [a, b] = [&a, &b].map(|values| Memory::new(values, at_end));
            let nothing = |len: usize| Memory::new(&vec![f32::NAN; len], at_end);
            let mut sums = nothing(rows);
            distance::sums(Of::Squares, &a, &b, &mut sums);
            assert_close(&sums, &of_rows(&|a, b| (a - b) * (a - b)), 1e-6, &what);
            distance::sums(Of::Magnitudes, &a, &b, &mut sums);
            assert_close(&sums, &of_rows(&|a, b| (a - b).abs()), 1e-6, &what);
            dot_products(isa, len, (&a, len), (&b, len), &mut sums);
            assert_close(&sums, &of_rows(&|a, b| a * b), 1e-6, &what);
            let mut gradient = nothing(a.len());
            let factor = |row: usize| 0.5 + row as f32;
            distance::gradients(len, [&a, &b], |row| Slope::Mix([factor(row), -2.0]), &mut gradient, Store::Set);
            let mixed = |at: usize| f64::from(factor(at / len)) * f64::from(a[at]) - 2.0 * f64::from(b[at]);
            let expected: Vec<f64> = (0..a.len()).map(mixed).collect();
            assert_close(&gradient, &expected, 1e-6, &what);
            gradient.fill(f32::NAN);
            distance::gradients(len, [&a, &b], |row| Slope::Sign(factor(row)), &mut gradient, Store::Set);
            let sign = |at: usize| f64::from(factor(at / len)) * f64::from((a[at] - b[at]).signum());
            let expected: Vec<f64> = (0..a.len()).map(sign).collect();
            assert_close(&gradient, &expected, 1e-6, &what);
        });
    }
}
