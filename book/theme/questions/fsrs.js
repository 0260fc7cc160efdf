// Computes when a question is due again. This is FSRS with the formulas and the parameters of the crate `rs-fsrs`,
// which `interview` uses, so both give the same dates. A test compares them (interview/tests/drills/in_the_book.rs).
'use strict';
const fsrs = (() => {
    const MINUTE = 60_000, DAY = 86_400_000;
    const RATINGS = { again: 1, hard: 2, good: 3, easy: 4 };
    const W = [
        0.4072, 1.1829, 3.1262, 15.4722, 7.2102, 0.5316, 1.0651, 0.0234, 1.616, 0.1544,
        1.0824, 1.9813, 0.0953, 0.2975, 2.2042, 0.2407, 2.9466, 0.5034, 0.6567,
    ];
    const DECAY = -0.5, FACTOR = 19 / 81, RETENTION = 0.9, LONGEST = 36500;

    const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

    // Difficulty is a number from 1 to 10.
    const firstDifficulty = rating => clamp(W[4] - Math.exp(W[5] * (rating - 1)) + 1, 1, 10);
    const nextDifficulty = (difficulty, rating) =>
        clamp(W[7] * firstDifficulty(RATINGS.easy) + (1 - W[7]) * (difficulty - W[6] * (rating - 3)), 1, 10);

    // Stability is the number of days after which the answer is still known with a probability of 0.9.
    const firstStability = rating => Math.max(W[rating - 1], 0.1);
    const soonStability = (stability, rating) => stability * Math.exp(W[17] * (rating - 3 + W[18]));
    const forgottenStability = (difficulty, stability, known) =>
        W[11] * difficulty ** -W[12] * ((stability + 1) ** W[13] - 1) * Math.exp((1 - known) * W[14]);
    const recalledStability = (difficulty, stability, known, rating) => {
        const factor = { [RATINGS.hard]: W[15], [RATINGS.easy]: W[16] }[rating] ?? 1;
        const growth = Math.exp(W[8]) * (11 - difficulty) * stability ** -W[9] * Math.expm1((1 - known) * W[10]);
        return stability * (growth * factor + 1);
    };

    // The days until the answer is known with the probability RETENTION.
    const interval = stability => clamp(Math.round(stability / FACTOR * (RETENTION ** (1 / DECAY) - 1)), 1, LONGEST);

    // The first answer.
    function first(at, rating) {
        const stability = firstStability(rating);
        const wait = [MINUTE, 5 * MINUTE, 10 * MINUTE, interval(stability) * DAY][rating - 1];
        return { at, difficulty: firstDifficulty(rating), stability, learning: rating < RATINGS.easy, due: at + wait };
    }

    // An answer while the question is being learned, or learned again after a wrong answer.
    function learned(card, at, rating) {
        const stability = soonStability(card.stability, rating);
        const good = interval(soonStability(card.stability, RATINGS.good));
        const wait = [5 * MINUTE, 10 * MINUTE, good * DAY, Math.max(interval(stability), good + 1) * DAY][rating - 1];
        const difficulty = nextDifficulty(card.difficulty, rating);
        return { at, difficulty, stability, learning: rating < RATINGS.good, due: at + wait };
    }

    // An answer after days.
    function reviewed(card, at, rating) {
        const days = Math.trunc((at - card.at) / DAY);
        const known = (1 + FACTOR * days / card.stability) ** DECAY;
        const after = rating => recalledStability(card.difficulty, card.stability, known, rating);
        const hard = Math.min(interval(after(RATINGS.hard)), interval(after(RATINGS.good)));
        const good = Math.max(interval(after(RATINGS.good)), hard + 1);
        const easy = Math.max(interval(after(RATINGS.easy)), good + 1);
        const wrong = rating === RATINGS.again;
        const stability = wrong ? forgottenStability(card.difficulty, card.stability, known) : after(rating);
        const wait = [5 * MINUTE, hard * DAY, good * DAY, easy * DAY][rating - 1];
        return { at, difficulty: nextDifficulty(card.difficulty, rating), stability, learning: wrong, due: at + wait };
    }

    // Returns the time when a question is due after these reviews, oldest first; null if there are none.
    function due(reviews) {
        let card = null;
        for (const [at, grade] of reviews) {
            const step = card === null ? (_, ...answer) => first(...answer) : card.learning ? learned : reviewed;
            card = step(card, at, RATINGS[grade]);
        }
        return card && card.due;
    }

    return { due, RATINGS };
})();
