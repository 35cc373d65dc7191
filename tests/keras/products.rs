//! Products of two tensors, against Keras, and distances, against PyTorch.

mod of_keras {
    flow_tests! { "products", names whole, upstream at, gradients harness::check_gradients;
        einsum_dense (x: [5, 7]) -> (plain: [5, 4], heads: [2, 5, 3], turned: [6], rest: [5, 4]) {
            let plain = x -> EinsumDense("sf,fd->sd", 4, bias_axes = "d", name = plain);
            let heads = x -> EinsumDense("sf,fhd->hsd", outputs = (2, 3), bias_axes = "hs", name = heads);
            let turned = x -> EinsumDense("sf,dsf->d", 6, name = turned);
            let rest = x -> EinsumDense("...f,fd->...d", 4, name = rest);
        }
        dot (a: [7], b: [7], c: [4, 3, 5], d: [3, 2]) -> (plain: [1], cosine: [1], inner: [4, 5, 2], normalized: [4, 5, 2]) {
            let plain = (a, b) -> Dot;
            let cosine = (a, b) -> Dot(0, normalize = true);
            let inner = (c, d) -> Dot((1, 0));
            let normalized = (c, d) -> Dot(axes = (1, 0), normalize = true);
        }
        matmul (a: [2, 3, 5], b: [2, 5, 4], c: [2, 3, 4]) -> (plain: [2, 3, 4], first: [2, 5, 4], second: [2, 3, 5]) {
            let plain = (a, b) -> Matmul;
            let first = (a, c) -> Matmul(transpose_a = true);
            let second = (c, b) -> Matmul(transpose_b = true);
        }
    }
}

mod of_pytorch {
    flow_tests! { "distances", names whole, upstream at, gradients harness::check_gradients;
        vectors (a: [19], b: [19]) -> (euclidean: [1], squared: [1], manhattan: [1], cosine: [1]) {
            let euclidean = (a, b) -> Distance;
            let squared = (a, b) -> Distance(squared);
            let manhattan = (a, b) -> Distance(manhattan);
            let cosine = (a, b) -> Distance(cosine);
        }
        steps (a: [4, 5], b: [4, 5]) -> (euclidean: [4, 1], squared: [4, 1], manhattan: [4, 1], cosine: [4, 1]) {
            let euclidean = (a, b) -> Distance(euclidean);
            let squared = (a, b) -> Distance(metric = squared);
            let manhattan = (a, b) -> Distance(manhattan);
            let cosine = (a, b) -> Distance(cosine);
        }
    }
}
