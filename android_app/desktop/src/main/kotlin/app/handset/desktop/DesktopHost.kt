package app.handset.desktop

import app.handset.core.RuntimeInfo
import app.handset.job.DeviceInfo
import app.handset.job.DeviceState
import app.handset.job.Host
import app.handset.job.RunnerInfo
import java.io.File

/** This computer, which has no Android; its battery is not read. */
class DesktopHost : Host {
    override val runner = RunnerInfo("kotlin-jvm", "1", null)
    override val runtime get() = RuntimeInfo("tensorflow-lite", TfLiteEngine.version)
    override val device =
        DeviceInfo(
            abi = System.getProperty("os.arch").let { ABIS[it] ?: it },
            fingerprint = "${System.getProperty("os.name")}-${System.getProperty("os.version")}, " +
                "Java ${System.getProperty("java.version")}"
        )
    override val isVirtual = true

    override fun state() = DeviceState()

    override fun peakBytes(): Long? = STATUS.takeIf(File::canRead)?.readLines()
        ?.firstOrNull { it.startsWith(PEAK) }?.filter(Char::isDigit)?.toLong()?.times(KIB)

    private companion object {
        /** On Linux this file has the peak memory; elsewhere it is not known. */
        val STATUS = File("/proc/self/status")

        /** Android's name of a processor, by Java's name. */
        val ABIS = mapOf("amd64" to "x86_64", "aarch64" to "arm64-v8a")
        const val PEAK = "VmHWM:"
        const val KIB = 1024
    }
}
