// Fixtures of processes of their own mostly wait for them, so three run side by side; whatever lives in the test's own process runs alone.
[assembly: NUnit.Framework.LevelOfParallelism(3)]
