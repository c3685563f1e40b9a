package app.handset.core

import java.nio.Buffer
import java.nio.ByteBuffer
import java.nio.ByteOrder

/** A buffer for a tensor, as [Engine.run] takes it: in native order, which is little-endian wherever Android runs. */
internal fun directBuffer(bytes: Int): ByteBuffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder())

/*
 * ByteBuffer overrides these methods of Buffer since Java 9, and a call compiled for a ByteBuffer needs the override,
 * which Android 8 does not have. These functions call the methods of Buffer.
 */

internal fun Buffer.moveTo(position: Int) {
    position(position)
}

internal fun Buffer.endAt(limit: Int) {
    limit(limit)
}

internal fun Buffer.toStart() {
    rewind()
}

internal fun Buffer.readBack() {
    flip()
}

internal fun Buffer.empty() {
    clear()
}
