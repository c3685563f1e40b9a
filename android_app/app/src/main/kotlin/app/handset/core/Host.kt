package app.handset.core

/** Who runs jobs: `android` or `kotlin-jvm`. [debuggable] is null where that means nothing. */
data class RunnerInfo(val name: String, val version: String, val debuggable: Boolean?)

/** The interpreter. */
data class RuntimeInfo(val name: String, val version: String)

/** What jobs run on; null where not known. */
data class DeviceInfo(
    val manufacturer: String? = null,
    val model: String? = null,
    val soc: String? = null,
    val android: String? = null,
    val sdk: Int? = null,
    val abi: String? = null,
    val fingerprint: String? = null
)

/** How the device is; null where not known. [thermalStatus] is Android's 0 (none) to 6 (shutdown). */
data class DeviceState(
    val batteryPercent: Double? = null,
    val batteryCelsius: Double? = null,
    val thermalStatus: Int? = null
)

/** Whatever a job runs on says of itself. */
interface Host {
    val runner: RunnerInfo
    val runtime: RuntimeInfo
    val device: DeviceInfo

    /** True on everything that is no phone: its latency is never shown as a phone's. */
    val isVirtual: Boolean

    fun state(): DeviceState

    /** The most memory that this process ever had; null where not known. */
    fun peakBytes(): Long?
}
