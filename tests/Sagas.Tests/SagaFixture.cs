using IntegrationHub.Sagas.Runs;
using MassTransit;
using NUnit.Framework.Interfaces;

namespace Sagas.Tests;

/// <summary>One story per test; afterwards the edges that the test names must have been gone over.</summary>
internal abstract class SagaFixture<TState>(string endpoint, Func<TState, string> stateOf)
    where TState : class, SagaStateMachineInstance
{
    protected SagaStory<TState> Run { get; private set; } = null!;

    [SetUp]
    public async Task BeginAsync()
    {
        Run = await BeginStoryAsync();
        await ArrangeAsync();
    }

    [TearDown]
    public async Task EndAsync()
    {
        await using var story = Run;
        var test = TestContext.CurrentContext;
        if (test.Result.Outcome.Status != TestStatus.Failed)
        {
            var named = EdgeAttribute.OfCase(GetType().GetMethod(test.Test.MethodName!)!, test.Test.Arguments);
            Assert.That(named.Except(story.Edges), Is.Empty, "edges that the test names but did not go over");
        }
    }

    protected Task<SagaStory<TState>> BeginStoryAsync(Action<RunOptions>? patience = null) => SagaStory<TState>.BeginAsync(endpoint, stateOf, patience);

    /// <summary>Brings the saga to where the fixture's tests begin.</summary>
    protected virtual Task ArrangeAsync() => Task.CompletedTask;
}
