using NUnit.Framework.Interfaces;

[assembly: Tests.RunningTest]

namespace Tests;

/// <summary>
/// Keeps a file per running test in the folder that <c>HUB_TESTS_RUNNING</c> names, so that whoever ends a test run that hangs can tell which test hung.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class RunningTestAttribute : TestActionAttribute
{
    private static readonly string? Folder = Environment.GetEnvironmentVariable("HUB_TESTS_RUNNING");

    public override ActionTargets Targets => ActionTargets.Test;

    public override void BeforeTest(ITest test)
    {
        if (Folder is not null)
        {
            File.WriteAllText(Path.Combine(Folder, test.Id), test.FullName);
        }
    }

    public override void AfterTest(ITest test)
    {
        if (Folder is not null)
        {
            File.Delete(Path.Combine(Folder, test.Id));
        }
    }
}
