package app.handset.job

import app.handset.core.RuntimeInfo

/** The program that runs jobs: `android` or `kotlin-jvm`. [debuggable] is null where it has no meaning. */
data class RunnerInfo(val name: String, val version: String, val debuggable: Boolean?)

/** The device that jobs run on; null where not known. */
data class DeviceInfo(
    val manufacturer: String? = null,
    val model: String? = null,
    val soc: String? = null,
    val android: String? = null,
    val sdk: Int? = null,
    val abi: String? = null,
    val fingerprint: String? = null,
    val pageBytes: Long? = null
)

/**
 * How the device is; null where not known. [thermalStatus] is Android's 0 (none) to 6 (shutdown), [inFront] whether the
 * measuring screen is resumed and has the window focus, [frontLosses] how often it has lost that so far.
 */
data class DeviceState(
    val batteryPercent: Double? = null,
    val batteryCelsius: Double? = null,
    val thermalStatus: Int? = null,
    val inFront: Boolean? = null,
    val screenOn: Boolean? = null,
    val frontLosses: Int? = null
)

/** What a result says about the device and the program that ran the job; a fact that throws is not known. */
interface Host {
    val runner: RunnerInfo
    val runtime: RuntimeInfo
    val device: DeviceInfo

    /** True on everything but a phone: its latency is never shown as a phone's. */
    val isVirtual: Boolean

    fun state(): DeviceState

    /** The largest amount of memory that this process has had; null where not known. */
    fun peakBytes(): Long?
}

/** What [ask] returns; null where it throws anything: no fact about a device is worth a result. */
inline fun <T : Any> known(ask: () -> T?): T? = runCatching(ask).getOrNull()
