/* An indexed 4-ary heap: the keys lie side by side, and a cell's key can be lowered where it is. */
#include "kernels.h"

static int before(pk_entry_t a, pk_entry_t b)
{
    if (a.key != b.key) {
        return a.key < b.key;
    }
    if (a.ahead != b.ahead) {
        return a.ahead < b.ahead;
    }
    return a.cell < b.cell;
}

static void put(pk_heap_t *heap, int32_t slot, pk_entry_t entry)
{
    heap->entries[slot] = entry;
    heap->nodes[entry.cell].slot = slot;
}

static void rise(pk_heap_t *heap, int32_t slot, pk_entry_t entry)
{
    while (slot > 0) {
        int32_t parent = (slot - 1) / 4;
        if (!before(entry, heap->entries[parent])) {
            break;
        }
        put(heap, slot, heap->entries[parent]);
        slot = parent;
    }
    put(heap, slot, entry);
}

static void sink(pk_heap_t *heap, pk_entry_t entry)
{
    int32_t slot = 0;
    for (;;) {
        int32_t first = 4 * slot + 1;
        if (first >= heap->count) {
            break;
        }
        int32_t last = first + 4 < heap->count ? first + 4 : heap->count;
        int32_t best = first;
        for (int32_t child = first + 1; child < last; child++) {
            if (before(heap->entries[child], heap->entries[best])) {
                best = child;
            }
        }
        if (!before(heap->entries[best], entry)) {
            break;
        }
        put(heap, slot, heap->entries[best]);
        slot = best;
    }
    put(heap, slot, entry);
}

void pk_heap_push(pk_heap_t *heap, int32_t cell, double key, float ahead)
{
    pk_entry_t entry = {key, cell, ahead};
    int32_t slot = heap->nodes[cell].slot;
    if (slot < 0) {
        slot = heap->count++;
    }
    rise(heap, slot, entry);
}

pk_entry_t pk_heap_pop(pk_heap_t *heap)
{
    pk_entry_t best = heap->entries[0];
    heap->nodes[best.cell].slot = -1;
    heap->count--;
    if (heap->count > 0) {
        sink(heap, heap->entries[heap->count]);
    }
    return best;
}
