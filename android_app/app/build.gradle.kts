import org.jetbrains.kotlin.gradle.dsl.JvmTarget

plugins {
    alias(libs.plugins.android.application)
    alias(libs.plugins.kotlin.android)
}

// A release is signed where these four are set, in the user's own ~/.gradle/gradle.properties for instance:
// handset.storeFile, handset.storePassword, handset.keyAlias, handset.keyPassword. Otherwise it is built unsigned.
val releaseKeys = providers.gradleProperty("handset.storeFile")

android {
    namespace = "app.handset"
    compileSdk = libs.versions.compileSdk.get().toInt()

    defaultConfig {
        applicationId = "app.handset"
        minSdk = libs.versions.minSdk.get().toInt()
        targetSdk = libs.versions.targetSdk.get().toInt()
        versionCode = 1
        versionName = "1.0.0"
        ndk {
            abiFilters += listOf("arm64-v8a", "armeabi-v7a", "x86_64")
        }
    }

    signingConfigs {
        if (releaseKeys.isPresent) {
            create("release") {
                storeFile = file(releaseKeys.get())
                storePassword = providers.gradleProperty("handset.storePassword").get()
                keyAlias = providers.gradleProperty("handset.keyAlias").get()
                keyPassword = providers.gradleProperty("handset.keyPassword").get()
            }
        }
    }

    buildTypes {
        release {
            isMinifyEnabled = true
            isShrinkResources = true
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"), "proguard-rules.pro")
            signingConfig = signingConfigs.findByName("release")
        }
    }

    androidResources {
        // A compressed model cannot be mapped.
        noCompress += "tflite"
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }

    testOptions {
        unitTests {
            isIncludeAndroidResources = true
            // Where tests/golden is; the desktop build's tests are told the same.
            all { it.systemProperty("handset.root", rootDir.parent) }
        }
    }
}

kotlin {
    compilerOptions {
        jvmTarget = JvmTarget.JVM_17
    }
}

dependencies {
    implementation(libs.bundles.runtime)
    testImplementation(libs.junit4)
    testImplementation(libs.robolectric)
}

// Models are exported, or copied there by hand; none is committed.
val checkModels by tasks.registering {
    val models = layout.projectDirectory.dir("src/main/assets/models").asFile
    doLast {
        if (models.listFiles().orEmpty().none { it.extension == "tflite" }) {
            throw GradleException("The app has no models; run `make export`, or copy a .tflite file to $models.")
        }
    }
}

tasks.named("preBuild") {
    dependsOn(checkModels)
}
