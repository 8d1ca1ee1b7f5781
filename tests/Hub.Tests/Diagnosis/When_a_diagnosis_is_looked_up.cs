using System.Reflection;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Tests.Docs;

namespace IntegrationHub.Hub.Tests.Diagnosis;

/// <summary>Every code leads to a runbook that knows it.</summary>
public sealed class When_a_diagnosis_is_looked_up
{
    [Test]
    public void Should_have_a_runbook_for_every_code_that_there_is() => Assert.That(
        DiagnosisCode.Runbooks.Keys,
        Is.EquivalentTo(typeof(DiagnosisCode).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral).Select(field => field.GetRawConstantValue())));

    [TestCaseSource(nameof(Codes))]
    public void Should_be_in_its_runbook(string code) => Assert.That(Runbook.Read(DiagnosisCode.Runbooks[code]), Does.Contain($"`{code}`"));

    /// <summary>The benchmark <c>stuck</c> provokes each in production hubs and looks when it is named; nothing may be left that nobody can explain.</summary>
    [Test]
    public void Should_be_provoked_with_real_servers()
    {
        var acts = string.Concat(Directory.EnumerateFiles(Path.Combine(Runbook.Root(), "tests", "Benchmarks", "Diagnosis"), "*Troubles.cs").Select(File.ReadAllText));
        var provoked = typeof(DiagnosisCode).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral && acts.Contains($"(DiagnosisCode.{field.Name}, ", StringComparison.Ordinal)).Select(field => (string)field.GetRawConstantValue()!);
        Assert.That(provoked, Is.EquivalentTo(DiagnosisCode.Runbooks.Keys.Except([DiagnosisCode.Unknown])));
    }

    private static IEnumerable<string> Codes() => DiagnosisCode.Runbooks.Keys;
}
