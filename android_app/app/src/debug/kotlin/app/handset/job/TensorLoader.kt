package app.handset.job

import app.handset.core.InputException
import app.handset.core.InputLoader
import app.handset.core.StageTimes
import app.handset.core.TensorInfo
import app.handset.core.TensorType
import app.handset.core.toStart
import java.nio.ByteBuffer
import java.nio.ByteOrder

/** Entries are raw tensors in the model's own type, little-endian. */
class TensorLoader(private val input: TensorInfo) : InputLoader {
    override fun load(name: String, data: ByteArray, into: ByteBuffer, times: StageTimes) {
        if (data.size != input.bytes) {
            throw InputException("$name has ${data.size} bytes, $input has ${input.bytes}; make it for this model")
        }
        if (input.type != TensorType.FLOAT32) {
            into.toStart()
            into.put(data)
            into.toStart()
            return
        }
        val floats = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN)
        for (at in 0 until input.bytes step Float.SIZE_BYTES) into.putFloat(at, floats.getFloat(at))
    }
}
