// Puts the results of a search in order: pages that explain come before questions, and questions before lists of
// claims. The ranks are in the index: see book/src/search.rs.
'use strict';
if (window.elasticlunr) {
    const search = elasticlunr.Index.prototype.search;
    elasticlunr.Index.prototype.search = function (...query) {
        const ranks = window.search.ranks ?? [];
        // The order within a rank stays, because sort() is stable.
        return search.apply(this, query).sort((one, other) => ranks[one.ref] - ranks[other.ref]);
    };
}
