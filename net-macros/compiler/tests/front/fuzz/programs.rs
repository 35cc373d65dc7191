//! Programs to begin with: together they have every layer, loss, metric, statement and item.

/// They are correct, as far as the compiler can know: what others announce is proven by rustc.
pub(super) const CORRECT: &[&str] = &[
    "const N: usize = 4 * 2;
    pub network Encoder(image: [16, 16, 3]) -> (code: [N], map: [7, 7, 4]) {
        let map = image -> Conv2d(4, 3, stride = (1, 1), padding = valid) -> relu -> MaxPool2d(2);
        let code = map -> Flatten -> Dense(N, bias = false, name = coder, init = he_normal) -> leaky_relu(0.1);
    }
    network Both(left: [16, 16, 3], right: [16, 16, 3]) -> (same: [1]) {
        layer encoder = Encoder;
        let (a, _) = left -> encoder;
        let (b, _) = (image = right) -> encoder;
        let same: [1] = ((a, b) -> Sub, (a -> Dense(N - 2 + 2), b) -> Mul) -> Concat -> Dense(1) -> sigmoid;
        loss same: 0.5 * BinaryCrossentropy(label_smoothing = 0.1) + Huber(2.0);
        metric same: Accuracy, MeanSquaredError;
    }",
    "network Shared(x: [4, 8], y: [4, 8]) -> (z: [4, 2]) {
        layer tower = Dense(6, init = variance_scaling(scale = 2.0, mode = fan_avg), bias_init = constant(-0.5)) -> gelu(approximate = true) -> Dropout(0.5);
        let u = (x, y) -> Concat(axis = steps) -> tower -> Permute(1, 0) -> Reshape(-1, 6) -> Dense(4);
        let v = (x -> tower, y -> tower) -> Maximum;
        let w = u -> Reshape((4, 8)) -> Dense(2) -> softmax;
        let z = (w, v -> Dense(2)) -> Add -> softmax;
        loss z: SparseCategoricalCrossentropy;
        metric z: TopK(k = 1);
    }",
    "extern const config::CLASSES = 10;
    extern const crate::WIDTH = 6;
    const HALF: usize = WIDTH / 2;
    /// A block of a residual network.
    block residual(x, const N) { let main = x -> Conv2d(N, 3, padding = same) -> relu; (main, x) -> Add }
    block twice(x, const N) { layer own = residual(N); x -> own -> own -> residual(N) }
    block split(x) { let a = x -> GlobalMaxPool2d; (a, x -> GlobalAvgPool2d) }
    #[derive(Clone)]
    pub(crate) network Image(image: [12, 10, WIDTH], _text: u32[4]) -> (y: [CLASSES], z: [2 * WIDTH]) {
        layer body = twice(WIDTH) -> relu;
        let a = image -> body -> ZeroPad2d(((1, 2), (0, HALF))) -> AvgPool2d(size = (2, 3), stride = 1, padding = same);
        let y = a -> split -> Average -> Dense(CLASSES) -> softmax;
        let z = (a -> body -> GlobalMaxPool2d, image -> GlobalAvgPool2d) -> Concat(axis = -1);
        loss y: self::Dice(smooth = 1.0) + crate::x::Other(2) + CategoricalCrossentropy;
        loss z: 3 * MeanAbsoluteError + MeanSquaredError;
        metric y: Accuracy, self::Iou;
        metric z: MeanAbsoluteError, crate::Own(0.5);
    }",
    "network Frames(lines: [4, 6, 2], images: [3, 5, 6, 2], volumes: [2, 3, 4, 5, 2]) -> (a: [4, 6, 3], b: [5, 6, 4], c: [3, 4, 5, 2], d: [3, 4, 5, 2]) {
        layer watch = ConvLstm2d(4, (3, 1), padding = same, recurrent_dropout = 0.25);
        let a = lines -> ConvLstm1d(3, 3, padding = same, sequences = true, reverse = true);
        let b = images -> watch;
        let (c, d, _) = volumes -> ConvLstm3d(2, 1, dropout = 0.5, states = true, bias = false);
    }",
    "network Held(x: [8], image: [6, 6, 2], text: u32[5]) -> (a: [4], b: [3]) {
        layer eye = Dense(4, kernel_regularizer = l1_l2(l1 = 1e-5, l2 = 0.01), bias_regularizer = l1, activity_regularizer = l2(0.1));
        let a = (x -> eye, x -> ActivityRegularization(l1 = 0.1, l2 = 0.2) -> eye) -> Add;
        let b = (
            image -> Conv2d(3, 3, kernel_constraint = max_norm(2, axis = (0, 1, 2)), bias_constraint = non_neg) -> relu(activity_regularizer = l1) -> GlobalAvgPool2d,
            text -> Embedding(6, 3, embeddings_constraint = unit_norm(axis = -1)) -> Lstm(3, recurrent_regularizer = orthogonal(0.1, mode = columns), kernel_constraint = min_max_norm(0.5, 1.5, rate = 0.5)),
        ) -> Add;
        loss a: MeanSquaredError;
        loss b: MeanAbsoluteError;
    }",
    "extern network crate::Pretrained(image: [12, 10, 3]) -> (seen: [4]);
    block normalized(x, const N) { x -> Conv2d(N, 3, padding = same) -> BatchNorm -> relu }
    network Trunk(image: [12, 10, 3]) -> (features: [6, 5, 4]) {
        let features = image -> normalized(4) -> MaxPool2d(2);
    }
    network Tuned(image: [12, 10, 3], text: u32[5]) -> (y: [3], z: [4]) {
        layer eye(frozen = true) = Conv2d(4, 3, stride = 2, padding = same) -> BatchNorm -> relu;
        let seen = (image -> eye, image -> Trunk(frozen = true), image -> Trunk(name = other)) -> Add;
        let code = seen -> normalized(4, frozen = true) -> Conv2d(4, 1) -> Flatten -> Dense(4, frozen = true);
        let read = text -> Embedding(9, 4, frozen = true) -> Bidirectional(Lstm(2), frozen = true) -> BatchNorm(frozen = false);
        let z = (code, read, image -> Pretrained(frozen = true)) -> Add;
        let y = z -> Dropout(0.25, frozen = true) -> Dense(3) -> softmax;
        loss y: CategoricalCrossentropy;
    }",
    "network Functions(x: [6]) -> (a: [6], b: [6], c: [6], d: [6], e: [6], f: [6], g: [3, 2]) {
        let a = x -> elu(0.5) -> selu;
        let b = x -> hard_sigmoid;
        let c = (x -> silu, x -> softplus) -> Minimum;
        let d = (x -> tanh -> leaky_relu, x -> gelu) -> Sub;
        let e = (a, b, c, d) -> Average;
        let f = (x -> ZeroThis, e) -> Mul;
        let g = f -> Reshape(3, 2) -> Permute(features, steps) -> Permute((1, 0)) -> relu;
    }
    network Normal(x: [4, 6]) -> (a: [4, 6], b: [4, 6]) {
        layer both = LayerNorm(axis = (0, 1), center = false) -> GroupNorm(2, epsilon = 0.01, scale = false);
        let a = x -> PRelu -> PRelu(shared_axes = steps) -> GaussianNoise(0.1) -> Normalization -> Normalization(axis = 0, mean = (1, 2, 3, 4), variance = 0.5, invert = true) -> both -> GaussianDropout(0.5) -> AlphaDropout(rate = 0.1) -> UnitNorm -> RmsNorm(epsilon = 0.1) -> LayerNorm;
        let b = a -> both -> LayerNorm(axis = features, center = false, scale = false) -> GroupNorm(groups = 6, center = false, scale = false);
    }
    network OfMathematics(x: [6]) -> (a: [6], b: [6], c: [2, 6], d: [6]) {
        let a = x -> abs -> sqrt -> neg -> exp -> log -> square -> clip(0.5, 9) -> rsqrt -> reciprocal;
        let b = (x -> relu(max_value = 6, slope = 0.1), x -> relu6, x -> hard_silu -> mish, x -> softsign -> celu(2)) -> Mul;
        let c = x -> Reshape(1, 6) -> glu_of -> sparsemax;
        let d = (x -> hard_tanh -> tanh_shrink, x -> squareplus(b = 1) -> sparse_plus, x -> threshold(0, value = -1)) -> Add;
    }
    block glu_of(x) {
        let two = (x -> hard_shrink(0.1) -> log_sigmoid, x -> soft_shrink -> sparse_sigmoid) -> Concat(axis = steps);
        (two, two) -> Concat -> log_softmax -> glu(axis = features)
    }
    network ZeroThis(x: [6]) -> (y: [6]) { let y = x -> Dense(6, bias = false) -> sigmoid; }",
    "network Stereo(left: [12, 16, 3], right: [12, 16, 3]) -> (distance: [12, 16, 1]) {
        layer eye = Conv2d(8, 3, padding = same) -> relu -> Conv2d(8, 3, padding = same, dilation = 2) -> relu;
        let distance = (left -> eye, right -> eye) -> Concat(axis = width)
            -> Conv2d(8, 3, stride = (1, 2), padding = same) -> relu -> Conv2d(1, 1) -> relu;
        loss distance: MeanSquaredError;
    }",
    "network Squeeze(x: [8, 8, 4], _mask: [1]) -> (y: [8, 8, 4]) {
        let weights = x -> GlobalAvgPool2d -> Dense(2) -> relu -> Dense(4) -> sigmoid -> Reshape(1, 1, 4);
        let y = (x, weights) -> Mul;
    }
    network Twice(x: [8, 8, 4]) -> (y: [8, 8, 4]) {
        layer squeeze = Squeeze;
        let one = x -> Flatten -> Dense(1);
        let y: [8, 8, 4] = (_mask = one, x = (x, one) -> squeeze) -> squeeze;
        loss y: Huber;
    }",
    "block a(x, const N, const R) { x -> Dense(N) -> Dropout(R / 2) -> relu }
    block b(x, const N) { x -> a(N, 0.5) -> a(N + 1, 1 / 3) -> a(2 * N, 0) }
    block c(x, y, const N, const M) { (x -> b(N), y -> b(M), x -> b((M))) -> Concat }
    network Deep(x: [4], y: [2]) -> (z: [1]) { let z = (y = x, x = y) -> c(2, 3) -> b(1) -> Dense(1); }",
    "const N: usize = 6;
    extern layer crate::Scale(x: [4]) -> (y: [4]);
    extern layer self::own::Gate as Gated(value: [4], gate: [4], _by: u32[N]) -> (y: [4]);
    extern network super::models::Encoder as Eye(image: [8, 8, 3], _text: u32[N]) -> (code: [4], map: [2 * 2, 4, N]);
    extern network Decoder(code: [4]) -> (image: [8, 8, 3]);
    block look(image, text, const WIDTH) {
        let (code, map) = (image, text) -> Eye;
        (code -> Scale -> Dense(WIDTH), map -> GlobalAvgPool2d -> Dense(WIDTH)) -> Add
    }
    network Inner(image: [8, 8, 3], text: u32[6]) -> (code: [4], again: [8, 8, 3]) {
        layer eye = Eye;
        let (code, map) = (image = image, _text = text) -> eye;
        let (other, _) = (code -> Decoder, text) -> eye;
        let again: [8, 8, 3] = ((code, other, map -> GlobalAvgPool2d -> Dense(4)) -> Add -> Decoder, image) -> Sub;
        loss code: CategoricalCrossentropy + 0.5 * MeanSquaredError;
        loss again: MeanAbsoluteError;
    }
    network Outer(image: [8, 8, 3], text: u32[6]) -> (y: [4]) {
        let (_, seen) = (image, text) -> Inner;
        let (first, _) = (seen, text) -> Eye(name = last);
        let gated = (value = first, _by = text, gate = first -> Scale) -> Gated;
        let y = (gated, (seen, text) -> look(4)) -> Mul;
    }",
    "extern const config::CLASSES = 10;
    extern network other::Net as Net(x: [3]) -> (y: [CLASSES]);
    extern network vision::Pair(a: [3], b: u32[2]) -> (c: [4], d: [CLASSES]);
    network Outer(x: [3], ids: u32[2]) -> (y: [CLASSES], z: [4]) {
            layer inner = Net;
            let a = (x -> inner, x -> inner) -> Add;
            let (z, b) = (b = ids, a = x) -> Pair;
            let y = (a, b) -> Mul -> softmax;
            loss y: CategoricalCrossentropy;
            loss z: MeanSquaredError;
    }",
    "network Words(text: u32[6], h: [5], c: [5]) -> (y: [2], again: [5], z: [3, 8]) {
        layer read = Embedding(20, 7, name = table);
        let seen = text -> read -> BatchNorm(momentum = 0.9, scale = false);
        let (steps, last, _) = (seen, h, c) -> Lstm(5, sequences = true, states = true);
        let (a, b, _) = steps -> Split((2, 2, 1));
        let (left, right) = last -> Dense(4) -> BatchNorm -> relu -> Split(2, axis = 0);
        let y = (left, right) -> Sub;
        let again = text -> read -> Lstm(5, bias = false);
        let z = (a, b) -> Concat(axis = features) -> Reshape(3, 8);
        loss y: MeanSquaredError;
        loss again: Huber;
    }",
    "network Places(steps: [9, 4], image: [6, 7, 2], volume: [4, 5, 6, 2]) -> (a: [4], b: [3, 3, 2], c: [2]) {
        let padded = steps -> ZeroPad1d((1, 0)) -> MaxPool1d(2) -> AvgPool1d(3, stride = 1, padding = same) -> Crop1d(1);
        let two = (padded -> AdaptiveAvgPool1d(2), padded -> AdaptiveMaxPool1d(2)) -> Add;
        let mask = two -> Slice(0, 1) -> Flatten -> Greater(0);
        let a = (padded -> GlobalMaxPool1d, (two, mask = mask) -> GlobalAvgPool1d) -> Add;
        let pools = (image -> AdaptiveAvgPool2d((6, 7)), image -> AdaptiveMaxPool2d((6, 7))) -> Mul;
        let b = pools -> Crop2d(((1, 2), (3, 1)));
        let inner = volume -> Crop3d(1) -> ZeroPad3d((0, (1, 2), 3)) -> MaxPool3d((1, 2, 2)) -> AvgPool3d(2, padding = same);
        let few = (inner -> AdaptiveAvgPool3d((2, 1, 2)), inner -> AdaptiveMaxPool3d((2, 1, 2))) -> Sub;
        let c = (few -> GlobalAvgPool3d, inner -> GlobalMaxPool3d) -> Mul;
        loss a: MeanSquaredError;
        loss b: Huber;
        loss c: MeanAbsoluteError;
    }",
    "network Compared(text: u32[4], x: [3]) -> (a: [4], b: [3]) {
        let a = (text -> NotEqual(0), text -> Equal(3)) -> Mul;
        let b = (x -> Greater(0.5), x -> Less(-1), x -> argmax) -> Add;
    }",
    "block twice(x, const N) { let (a, b) = x -> Split(2); (a -> Dense(N), b -> Dense(N)) -> Add }
    network Eye(image: [6, 6, 1]) -> (seen: [4]) { let seen = image -> Conv2d(4, 3) -> relu -> GlobalAvgPool2d; }
    network Films(films: [2, 3, 6, 6, 1], text: u32[3, 4], x: [3, 4]) -> (y: [2, 3, 4], z: [3, 5], there: [3, 4]) {
        layer look = TimeDistributed(TimeDistributed(Eye, name = eye) -> twice(4));
        let y = films -> look;
        let there = text -> NotEqual(0);
        let words = text -> TimeDistributed(Embedding(9, 4) -> Flatten -> Dense(4), name = words);
        let few = (x -> Greater(-0.5), x -> Less(value = 0.5), x -> Equal(2)) -> TimeDistributed(Mul);
        let z = (words, few, there) -> Concat -> TimeDistributed(Dense(5) -> softmax);
        loss y: MeanSquaredError;
        loss z: CategoricalCrossentropy;
    }",    "block read(x, const N) { let y = x -> Bidirectional(Gru(N), name = both); y }
    network Reader(text: u32[5], h: [3]) -> (y: [2], steps: [5, 3], last: [3]) {
        let there = text -> NotEqual(0);
        let words = text -> Embedding(9, 4);
        layer around = Bidirectional(Lstm(3, sequences = true), backward = Lstm(3, sequences = true), merge = ave);
        let steps = (words, mask = there) -> around;
        let (_, other, first, _, _, last) = (x = steps, forward_h = h, forward_c = h, mask = there)
            -> Bidirectional(Lstm(3, states = true), merge = none);
        let more = (steps, mask = there) -> Bidirectional(SimpleRnn(2, activation = relu), merge = concat);
        let y = (steps -> read(2), more, (first, other, last) -> Concat -> Dense(4)) -> Add -> Dense(2);
        loss y: MeanSquaredError;
        loss steps: MeanSquaredError;
        loss last: MeanSquaredError;
    }",
    "network Sound(x: [16, 4], image: [8, 8, 3]) -> (y: [32, 3], z: [17, 17, 2]) {
        let a = x -> Conv1d(6, 3, padding = causal, dilation = 2) -> relu -> DepthwiseConv1d(3, multiplier = 2, padding = same);
        let y = a -> SeparableConv1d(5, 3, padding = same) -> Conv1dTranspose(3, 4, stride = 2, padding = same);
        let b = image -> DepthwiseConv2d((3, 3), padding = same, bias = false) -> SeparableConv2d(4, 3, padding = same) -> tanh;
        let z = b -> Conv2dTranspose(2, 3, stride = 2, output_padding = none);
        loss y: Huber;
        loss z: Huber;
    }",
    "block encoder(x, const HEADS, const WIDTH) {
        let seen = (x, x -> MultiHeadAttention(heads = HEADS, key_dim = WIDTH / HEADS)) -> Add;
        (seen, seen -> Dense(2 * WIDTH) -> relu -> Dense(WIDTH)) -> Add
    }
    network Attentive(text: [6, 8], other: [7, 4], m: [7], pairs: [6, 7]) -> (y: [6, 8], z: [6, 5]) {
        layer look = GroupQueryAttention(heads = 4, key_heads = 2, key_dim = 3);
        let seen = text -> encoder(2, 8) -> look -> look;
        let y = (mask = m, query = seen, key = other) -> MultiHeadAttention(heads = 2, key_dim = 4, causal = true, dropout = 0.1);
        let z = (y, other, other, mask = pairs)
            -> MultiHeadAttention(heads = 1, key_dim = 2, value_dim = 3, outputs = 5, bias = false);
        loss z: MeanSquaredError;
    }",
    "network Looking(text: [6, 8], other: [7, 8], m: [7], q: [6]) -> (y: [6, 8]) {
        let placed = text -> SinePositions(max_wavelength = 100) -> LearnedPositions;
        let seen = (placed, other, mask = m, query_mask = q) -> Attention(score = concat, scale = true, dropout = 0.1);
        let heads = seen -> EinsumDense(\"sf,fhd->hsd\", (2, 3), bias_axes = \"hd\") -> EinsumDense(\"h...d,hdo->...o\", 8);
        let y = (query = heads, key = other, value = other) -> AdditiveAttention(causal = true) -> Attention(scale = false);
        loss y: MeanSquaredError;
    }",
    "network Volume(x: [4, 5, 6, 2], image: [8, 8, 4]) -> (y: [8, 7, 8, 1], z: [6, 6, 6]) {
        let y = x -> Conv3d(3, (2, 3, 3), padding = same, stride = (1, 2, 2)) -> relu -> Conv3dTranspose(1, 3, stride = 2, output_padding = none)
            -> Crop3d(((0, 1), (0, 0), (0, 0))) -> Conv3dTranspose(1, (1, 1, 2), padding = valid);
        let z = image -> Conv2d(6, 3, groups = 2);
        loss y: Huber;
        loss z: Huber;
    }",
    "network Twins(a: [8], b: [8], m: [3, 8], image: [4, 3, 8]) -> (near: [1], cosine: [1], y: [3, 3], z: [4, 8, 8]) {
        layer eye = Dense(5) -> tanh;
        let left = a -> eye;
        let right = b -> eye;
        let near = (left, right) -> Distance(metric = manhattan);
        let cosine = (left, right) -> Dot(normalize = true);
        let y = (m -> Dense(8), m) -> Dot(axes = (1, -1));
        let z = (image, image) -> Matmul(transpose_a = true);
        loss near: MeanSquaredError;
        loss cosine: MeanSquaredError;
        loss y: Huber;
    }",
    "network Moves(x: [6], steps: [8, 4], image: [6, 8, 4], volume: [2, 3, 2, 4], text: u32[5]) -> (a: [3, 6], b: [4, 4], c: [4], d: [7]) {
        let a = (x -> Repeat(3) -> Reverse(axis = steps), (x, x, x) -> Stack(axis = 0) -> Slice(0, 6)) -> Add;
        let wide = image -> UpSampling2d((1, 2)) -> Resize(6, 8, interpolation = nearest) -> SpaceToDepth(2) -> DepthToSpace(block = 2);
        let even = steps -> UpSampling1d(3) -> Slice(1, -1, axis = -2, step = 2) -> SpatialDropout1d(0.25) -> Max(axis = steps);
        let b = (wide -> SpatialDropout2d(0.5) -> Mean(axis = height) -> Min(0, keep = true), even -> Reshape(1, 4)) -> Mul
            -> Rescaling((1, 0.5, -2, 7. / 3), offset = 1 / 2) -> ZeroPad1d((0, 3));
        let c = volume -> UpSampling3d(2) -> SpatialDropout3d(0.1) -> Sum(axis = depth) -> GlobalMaxPool2d;
        let d = text -> CategoryEncoding(7, mode = count);
        loss a: MeanSquaredError;
        loss b: Huber;
        loss c: MeanAbsoluteError;
    }",
];
