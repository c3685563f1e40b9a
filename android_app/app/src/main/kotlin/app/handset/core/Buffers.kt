package app.handset.core

import java.nio.Buffer
import java.nio.ByteBuffer
import java.nio.ByteOrder

/** Room for a tensor, as [Engine.run] wants it: in native order, which is little-endian wherever Android runs. */
internal fun directBuffer(bytes: Int): ByteBuffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder())

/*
 * What ByteBuffer overrides since Java 9, called as Buffer has it: Android 8 knows no other, and what is compiled for a
 * ByteBuffer asks for the override.
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
