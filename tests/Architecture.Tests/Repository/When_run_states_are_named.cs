using System.Text.RegularExpressions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Sagas.AudienceSync;
using IntegrationHub.Sagas.BackfillRun;
using IntegrationHub.Sagas.Runs;
using Microsoft.Extensions.Options;

namespace Architecture.Tests.Repository;

/// <summary>The states of a run stand in one place; a word that is spelled out elsewhere is missed when a state is renamed or added.</summary>
public sealed class When_run_states_are_named
{
    private static readonly string[] _words = [.. typeof(RunState).GetFields().Select(field => (string)field.GetRawConstantValue()!)];

    [Test]
    public void Should_be_the_states_of_the_machines() =>
        Assert.That(
            new AudienceSyncStateMachine(TimeProvider.System, Options.Create(new RunOptions())).States
                .Concat(new BackfillRunStateMachine(TimeProvider.System, Options.Create(new RunOptions())).States)
                .Select(state => state.Name).Except(["Initial", "Final"]).Append(RunState.Requested).Distinct(),
            Is.EquivalentTo(_words));

    [Test]
    public void Should_be_spelled_out_nowhere_else()
    {
        // Of a run that is only asked for there is no row.
        var quoted = new Regex($"""['"]({string.Join('|', _words.Except([RunState.Requested]))})['"]""");
        Assert.That(
            from path in Tree.Sources("Hub/").Concat(Tree.Sources("Sagas/"))
            where !path.Contains("/Migrations/", StringComparison.Ordinal)
            from line in Tree.Lines(path)
            where quoted.IsMatch(line)
            select $"{path}: {line.Trim()}",
            Is.Empty);
    }
}
