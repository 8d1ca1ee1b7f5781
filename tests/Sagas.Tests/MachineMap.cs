using IntegrationHub.Sagas.AudienceSync;
using IntegrationHub.Sagas.BackfillRun;
using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Sagas.Runs;
using MassTransit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Sagas.Tests;

/// <summary>A machine as it was read out of itself.</summary>
/// <param name="Saga">Its folder, in the product and here.</param>
/// <param name="States">Every state in which a row can be.</param>
/// <param name="Messages">Every message that an instance can receive, by type.</param>
/// <param name="Edges">Every state, every message that it handles there, every state in which that may end.</param>
/// <param name="Ignored">State and message, where the message changes nothing.</param>
/// <param name="Answered">State and message, where the state has an answer, be it to ignore it.</param>
internal sealed record MachineMap(
    string Saga,
    IReadOnlyCollection<string> States,
    IReadOnlyCollection<string> Messages,
    IReadOnlyCollection<Edge> Edges,
    IReadOnlyCollection<(string State, string Message)> Ignored,
    IReadOnlyCollection<(string State, string Message)> Answered)
{
    public static readonly MachineMap AudienceSync = Read("AudienceSync", new AudienceSyncStateMachine(TimeProvider.System, Options.Create(new RunOptions())));
    public static readonly MachineMap BackfillRun = Read("BackfillRun", new BackfillRunStateMachine(TimeProvider.System, Options.Create(new RunOptions())));
    public static readonly MachineMap Erasure =
        Read("Erasure", new ErasureStateMachine(TimeProvider.System, Options.Create(new ErasureOptions()), NullLogger<ErasureStateMachine>.Instance));

    public static IReadOnlyList<MachineMap> All => [AudienceSync, BackfillRun, Erasure];

    public override string ToString() => Saga;

    private static MachineMap Read<TState>(string saga, SagaStateMachine<TState> machine)
        where TState : class, SagaStateMachineInstance
    {
        var reading = new MachineReading<TState>(machine);
        return new MachineMap(
            saga, reading.States, reading.Messages, reading.Edges, reading.Ignored,
            [.. from state in reading.States from message in reading.AnsweredIn(state) select (state, message)]);
    }
}
