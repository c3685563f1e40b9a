package app.handset

import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.content.pm.ApplicationInfo
import android.os.BatteryManager
import android.os.Build
import android.os.PowerManager
import android.system.Os
import android.system.OsConstants
import app.handset.core.RuntimeInfo
import app.handset.engine.Interpreter
import app.handset.job.DeviceInfo
import app.handset.job.DeviceState
import app.handset.job.Host
import app.handset.job.RunnerInfo
import app.handset.job.known
import java.io.File

/** This phone. Whatever it does not answer is not known; the rest is still said. */
class PhoneHost(private val context: Context, private val interpreter: Interpreter, private val front: Front) : Host {
    override val runner get() = RunnerInfo("android", known(::version) ?: "unknown", isDebuggable())
    override val runtime: RuntimeInfo get() = interpreter.info
    override val device get() = DeviceInfo(
        manufacturer = Build.MANUFACTURER,
        model = Build.MODEL,
        soc = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) Build.SOC_MODEL else Build.HARDWARE,
        android = Build.VERSION.RELEASE,
        sdk = Build.VERSION.SDK_INT,
        abi = Build.SUPPORTED_ABIS.firstOrNull(),
        fingerprint = Build.FINGERPRINT,
        pageBytes = known { Os.sysconf(OsConstants._SC_PAGESIZE).takeIf { it > 0 } }
    )

    /** An emulator is not a phone: it computes on a desktop. */
    override val isVirtual = Build.HARDWARE in EMULATORS

    private val power: PowerManager? get() = context.getSystemService(PowerManager::class.java)

    private fun version(): String? = context.packageManager.getPackageInfo(context.packageName, 0).versionName

    private fun isDebuggable() = context.applicationInfo.flags and ApplicationInfo.FLAG_DEBUGGABLE != 0

    override fun state(): DeviceState {
        val battery = known { context.registerReceiver(null, IntentFilter(Intent.ACTION_BATTERY_CHANGED)) }
        return DeviceState(
            batteryPercent = battery?.let(::percent),
            batteryCelsius = battery?.let(::celsius),
            thermalStatus = known(::thermalStatus),
            inFront = front.isInFront,
            screenOn = known { power?.isInteractive },
            frontLosses = front.losses
        )
    }

    private fun percent(battery: Intent): Double? {
        val level = battery.getIntExtra(BatteryManager.EXTRA_LEVEL, -1)
        val full = battery.getIntExtra(BatteryManager.EXTRA_SCALE, 0)
        return if (level < 0 || full <= 0) null else level * HUNDRED / full
    }

    private fun celsius(battery: Intent): Double? {
        val tenths = battery.getIntExtra(BatteryManager.EXTRA_TEMPERATURE, Int.MIN_VALUE)
        return if (tenths == Int.MIN_VALUE) null else tenths / TENTHS
    }

    private fun thermalStatus(): Int? =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) power?.currentThermalStatus else null

    override fun peakBytes(): Long? = File("/proc/self/status").takeIf(File::canRead)?.readLines()
        ?.firstOrNull { it.startsWith("VmHWM:") }?.filter(Char::isDigit)?.toLongOrNull()?.times(KIB)

    private companion object {
        val EMULATORS = setOf("goldfish", "ranchu", "cutf_cvm")
        const val HUNDRED = 100.0
        const val TENTHS = 10.0
        const val KIB = 1024
    }
}
