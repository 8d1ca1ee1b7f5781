// Pages wait for the hub and the browser, not for the test.
[assembly: NUnit.Framework.LevelOfParallelism(3)]
