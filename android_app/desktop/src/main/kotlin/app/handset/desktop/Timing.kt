package app.handset.desktop

import app.handset.core.CenterSquare
import app.handset.core.ImageSpec
import app.handset.core.Preprocessor
import app.handset.core.Resize
import app.handset.core.TensorInfo
import app.handset.core.TensorType
import app.handset.core.directBuffer
import app.handset.core.pixelOf
import com.sun.management.ThreadMXBean
import java.lang.management.ManagementFactory
import kotlin.random.Random

private const val SIDE = 224
private const val CHANNELS = 3
private val HALF = List(CHANNELS) { 127.5 }
private val SPEC = ImageSpec(SIDE, SIDE, CHANNELS, CenterSquare(7, 8), Resize.PILLOW_BILINEAR, HALF, HALF, null)

/**
 * For `make perf`: preprocesses a decoded picture of WIDTH HEIGHT, turned by its EXIF ORIENTATION, to 224 pixels of
 * float32, once for each line on stdin, and answers with the nanoseconds it took and the bytes that it allocated.
 * `make perf` takes turns between this and Pillow.
 */
fun main(arguments: Array<String>) {
    val (width, height, orientation) = arguments.map(String::toInt)
    val random = Random(0)
    val pixels = IntArray(width * height) {
        val level = random.nextInt()
        pixelOf(level and 0xff, level shr 8 and 0xff, level shr 16 and 0xff)
    }
    val input = TensorInfo(TensorType.FLOAT32, listOf(SIDE, SIDE, CHANNELS), null)
    val preprocessor = Preprocessor(SPEC, input)
    val out = directBuffer(input.bytes)
    val threads = ManagementFactory.getThreadMXBean() as ThreadMXBean
    while (readlnOrNull() != null) {
        val held = threads.currentThreadAllocatedBytes
        val began = System.nanoTime()
        preprocessor.picture(pixels, width, height, orientation, out)
        val tookNs = System.nanoTime() - began
        println("$tookNs ${threads.currentThreadAllocatedBytes - held}")
    }
}
